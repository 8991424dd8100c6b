import type { ObjectLiteralExpression, PropertyAssignment } from "ts-morph"
import type { ConfigEntry } from "../template/Template.ts"
import { applySplices } from "../workspace/Splice.ts"
import { NoPlace } from "./EditRefused.ts"
import { insertItem, type List, lineWidth, removeItem } from "./list.ts"
import { indentAt, quoted, type Style } from "./Style.ts"
import { parse, type Source, withoutMark, withoutTypes } from "./source.ts"

/** The exported object whose keys are the sections. */
const constant = "config"

/** The code that reads a value from its environment variable, as templates write it. */
export const readValue = (entry: ConfigEntry, style: Style): string => {
  const variable = `process.env.${entry.env}`
  // the default of a secret would be a secret that everybody knows
  const initial = entry.secret === true ? undefined : entry.default
  switch (entry.type) {
    case "string":
      return initial === undefined
        ? `${variable} ?? ${quoted("", style)}`
        : `${variable} || ${quoted(String(initial), style)}`
    case "number":
    case "integer":
      return initial === undefined ? `Number(${variable})` : `Number(${variable} || ${initial})`
    case "boolean":
      return initial === true ? `${variable} !== ${quoted("false", style)}` : `${variable} === ${quoted("true", style)}`
  }
}

type Tree = Map<string, Tree | string>

const treeOf = (entries: ReadonlyArray<ConfigEntry>, style: Style): Tree => {
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
    tree.set(last, readValue(entry, style))
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

/** The sections of some entries, as properties of an object: `sqlite: { file: … }`. */
export const sections = (
  entries: ReadonlyArray<ConfigEntry>,
  style: Style,
  indent: string
): ReadonlyMap<string, string> =>
  new Map([...treeOf(entries, style)].map(([name, value]) => [name, property(name, value, style, indent)]))

const findList = (source: Source): List => {
  const initializer = source.file.getVariableDeclaration(constant)?.getInitializer()
  const value = initializer === undefined ? undefined : withoutTypes(initializer)
  if (value?.getKindName() !== "ObjectLiteralExpression") {
    throw new NoPlace(`it has no constant ${constant} that is an object`)
  }
  return {
    source: source.text,
    items: (value as ObjectLiteralExpression).getProperties(),
    open: value.getStart() + 1,
    close: value.getEnd() - 1,
    pad: " ",
    style: source.style
  }
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
      const list = findList(source)
      if (list.items.some((item) => nameOf(item) === name)) return plain
      const first = list.items.at(-1)
      const indent = first === undefined ? source.style.indent : indentAt(plain, first.getStart())
      const own = entries.filter((entry) => entry.path.startsWith(`${name}.`))
      added.push(name)
      return applySplices(plain, insertItem(list, sections(own, source.style, indent).get(name) ?? ""))
    })
  }
  return { text: edited, added }
}

/** Takes the sections of these plugins out. */
export const removeSections = async (path: string, text: string, names: ReadonlyArray<string>): Promise<string> => {
  let edited = text
  for (const name of names) {
    edited = await withoutMark(edited, async (plain) => {
      const list = findList(await parse(path, plain))
      const item = list.items.find((each) => nameOf(each) === name)
      return item === undefined ? plain : applySplices(plain, removeItem(list, item))
    })
  }
  return edited
}
