import * as Schema from "effect/Schema"
import type { ObjectLiteralExpression, PropertyAssignment } from "ts-morph"
import * as Errors from "../Errors.ts"
import { open } from "../template/CodeProject.ts"
import { applySplices, type Splice } from "../workspace/Splice.ts"
import { insertItem, type List, removeItem } from "./list.ts"
import { styleOf } from "./Style.ts"

/** The app's package.json cannot be read. */
export class PackageJsonInvalid extends Errors.make<PackageJsonInvalid>()(
  "PackageJsonInvalid",
  { component: "create-app", code: "APP_PACKAGE_JSON_INVALID", status: 400 },
  {
    path: Schema.String,
    reason: Schema.String
  }
) {
  override get message() {
    return `${this.path} cannot be read: ${this.reason}. Mend it first; nothing was changed.`
  }
}

/** Sections of package.json that entries are put into and taken out of. */
export type Section = "dependencies" | "devDependencies" | "scripts"

const nameOf = (item: List["items"][number]): string => JSON.parse((item as PropertyAssignment).getName()) as string

const listOf = (source: string, value: ObjectLiteralExpression): List => ({
  source,
  items: value.getProperties(),
  open: value.getStart() + 1,
  close: value.getEnd() - 1,
  pad: " ",
  style: styleOf(source)
})

/** Finds the root object, and a section of it. A JSON text in parentheses is an expression, so its layout can be kept. */
const find = async (source: string, section: Section) => {
  const project = await open([{ path: "json.ts", text: `(${source})` }])
  const root = project.getSourceFileOrThrow("/json.ts").getStatements()[0]?.getFirstChild()?.getChildAtIndex(1)
  const list = listOf(`(${source})`, root as ObjectLiteralExpression)
  const property = list.items.find((item) => nameOf(item) === section) as PropertyAssignment | undefined
  const value = property?.getInitializer() as ObjectLiteralExpression | undefined
  return { list, property, section: value === undefined ? undefined : listOf(`(${source})`, value) }
}

const apply = (source: string, splices: ReadonlyArray<Splice>): string =>
  applySplices(`(${source})`, splices).slice(1, -1)

/** Adds an entry to a section, in the order of names where the section keeps one; `made` when the section was missing. */
export const addEntry = async (source: string, section: Section, name: string, value: string) => {
  const found = await find(source, section)
  const text = `${JSON.stringify(name)}: ${JSON.stringify(value)}`
  if (found.section === undefined) {
    const { eol, indent } = found.list.style
    const object = `${JSON.stringify(section)}: {${eol}${indent}${indent}${text}${eol}${indent}}`
    return { text: apply(source, insertItem(found.list, object)), made: true }
  }
  const names = found.section.items.map(nameOf)
  if (names.includes(name)) return { text: source, made: false }
  const isSorted = names.every((each, index) => index === 0 || (names[index - 1] ?? "") < each)
  const index = isSorted ? names.findIndex((each) => each > name) : -1
  return { text: apply(source, insertItem(found.section, text, index === -1 ? undefined : index)), made: false }
}

/** Takes an entry out of a section, and with `section` the section when it is empty then. */
export const removeEntry = async (
  source: string,
  section: Section,
  name: string,
  dropEmpty: boolean
): Promise<string> => {
  const found = await find(source, section)
  const item = found.section?.items.find((each) => nameOf(each) === name)
  if (found.section === undefined || found.property === undefined || item === undefined) return source
  if (dropEmpty && found.section.items.length === 1) return apply(source, removeItem(found.list, found.property))
  return apply(source, removeItem(found.section, item))
}
