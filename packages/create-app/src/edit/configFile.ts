import type { CallExpression, Node, ObjectLiteralExpression, PropertyAssignment } from "ts-morph"
import type { ConfigEntry } from "../template/Template.ts"
import { applySplices } from "../workspace/Splice.ts"
import { NoPlace } from "./EditRefused.ts"
import { insertItem, type List, lineWidth, removeItem } from "./list.ts"
import { indentAt, quoted, type Style } from "./Style.ts"
import { parse, type Source, withoutMark, withoutTypes } from "./source.ts"

/** The exported object whose keys are the sections. */
const constant = "config"

/** The code that reads a value by `Environment` of `@mortise/core`, as templates write it. */
const variable = (entry: ConfigEntry, style: Style, environment: string): string => {
  const type = entry.type === "integer" ? "number" : entry.type
  const initial = typeof entry.default === "string" ? quoted(entry.default, style) : entry.default
  // the default of a secret would be a secret that everybody knows
  const hasNone = initial === undefined || entry.secret === true
  return `${environment}.${type}(${quoted(entry.env, style)}${hasNone ? "" : `, ${initial}`})`
}

/** The code that reads a value from its environment variable, for a configuration that is not made by `Environment`. */
const plainValue = (entry: ConfigEntry, style: Style): string => {
  const text = `process.env.${entry.env}`
  // the default of a secret would be a secret that everybody knows
  const initial = entry.secret === true ? undefined : entry.default
  switch (entry.type) {
    case "string":
      return initial === undefined ? `${text} ?? ${quoted("", style)}` : `${text} || ${quoted(String(initial), style)}`
    case "number":
    case "integer":
      return initial === undefined ? `Number(${text})` : `Number(${text} || ${initial})`
    case "boolean":
      return initial === true ? `${text} !== ${quoted("false", style)}` : `${text} === ${quoted("true", style)}`
  }
}

type Tree = Map<string, Tree | string>

const treeOf = (entries: ReadonlyArray<ConfigEntry>, style: Style, environment: string | undefined): Tree => {
  const root: Tree = new Map()
  for (const entry of entries) {
    const keys = entry.path.split(".")
    const last = keys.pop() ?? ""
    let tree = root
    for (const key of keys) {
      const found = tree.get(key)
      const next: Tree = found instanceof Map ? found : new Map()
      tree.set(key, next)
      tree = next
    }
    tree.set(last, environment === undefined ? plainValue(entry, style) : variable(entry, style, environment))
  }
  return root
}

const keyOf = (key: string, style: Style): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key, style))

const property = (key: string, value: Tree | string, style: Style, indent: string): string => {
  const name = `${keyOf(key, style)}: `
  return name + (typeof value === "string" ? value : print(value, style, indent, name.length))
}

const print = (tree: Tree, style: Style, indent: string, before: number): string => {
  const items = [...tree].map(([key, value]) => property(key, value, style, indent + style.indent))
  const inline = `{ ${items.join(", ")} }`
  // a comma may follow
  if (indent.length + before + inline.length < lineWidth) return inline
  const line = style.eol + indent + style.indent
  return `{${line}${items.join(`,${line}`)}${style.eol}${indent}}`
}

/**
 * The sections of some entries, as properties of an object: `sqlite: { file: … }`. `environment` is the name by which the
 * file has `Environment`, if it makes its configuration by that.
 */
export const sections = (
  entries: ReadonlyArray<ConfigEntry>,
  style: Style,
  indent: string,
  environment?: string
): ReadonlyMap<string, string> =>
  new Map([...treeOf(entries, style, environment)].map(([name, value]) => [name, property(name, value, style, indent)]))

/** `Environment.config({ … })`: its object, and the name of `Environment`. */
const unwrapped = (value: Node | undefined): { readonly value: Node | undefined; readonly environment?: string } => {
  if (value?.getKindName() !== "CallExpression") return { value }
  const call = value as CallExpression
  const [, environment] = /^(\w+)\.config$/.exec(call.getExpression().getText()) ?? []
  const [argument] = call.getArguments()
  return environment === undefined || argument === undefined
    ? { value }
    : { value: withoutTypes(argument), environment }
}

const findList = (source: Source): { readonly list: List; readonly environment: string | undefined } => {
  const initializer = source.file.getVariableDeclaration(constant)?.getInitializer()
  const { environment, value } = unwrapped(initializer === undefined ? undefined : withoutTypes(initializer))
  if (value?.getKindName() !== "ObjectLiteralExpression") {
    throw new NoPlace(`it has no constant ${constant} that is an object`)
  }
  const list: List = {
    source: source.text,
    items: (value as ObjectLiteralExpression).getProperties(),
    open: value.getStart() + 1,
    close: value.getEnd() - 1,
    pad: " ",
    style: source.style
  }
  return { list, environment }
}

const nameOf = (item: List["items"][number]): string =>
  ((item as PropertyAssignment).getName?.() ?? "").replace(/^(["'])(.*)\1$/, "$2")

/** Adds a section for each plugin that has none; gives the names of those it added. */
export const addSections = async (path: string, text: string, entries: ReadonlyArray<ConfigEntry>) => {
  const added: Array<string> = []
  let edited = text
  const names = new Set(entries.map((entry) => entry.path.slice(0, entry.path.indexOf("."))))
  for (const name of names) {
    edited = await withoutMark(edited, async (plain) => {
      const source = await parse(path, plain)
      const { environment, list } = findList(source)
      if (list.items.some((item) => nameOf(item) === name)) return plain
      const first = list.items.at(-1)
      const indent = first === undefined ? source.style.indent : indentAt(plain, first.getStart())
      const own = entries.filter((entry) => entry.path.startsWith(`${name}.`))
      added.push(name)
      return applySplices(plain, insertItem(list, sections(own, source.style, indent, environment).get(name) ?? ""))
    })
  }
  return { text: edited, added }
}

/** Takes the sections of these plugins out. */
export const removeSections = async (path: string, text: string, names: ReadonlyArray<string>): Promise<string> => {
  let edited = text
  for (const name of names) {
    edited = await withoutMark(edited, async (plain) => {
      const { list } = findList(await parse(path, plain))
      const item = list.items.find((each) => nameOf(each) === name)
      return item === undefined ? plain : applySplices(plain, removeItem(list, item))
    })
  }
  return edited
}
