/**
 * The catalogue of errors: every error class of the packages, found in their sources, with its codes as the class itself
 * tells them. docs/errors.md is made of it, and test/errors.test.ts holds classes, page and entries together.
 */
import { globSync, readFileSync } from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { published, root } from "./workspace.ts"

/** A class of a source text. */
export interface Declared {
  readonly name: string
  /** The one way: `Errors.make`. Typed in another way: without a code. Plain: an `Error`, which no Effect fails with. */
  readonly way: "made" | "typed" | "plain"
}

export interface Entry {
  readonly code: string
  readonly component: string
  /** The exported class. */
  readonly className: string
  /** From the root, with forward slashes. */
  readonly file: string
  readonly status: number
  /** `depends`: the error itself knows. */
  readonly retryable: boolean | "depends"
}

interface ErrorClass {
  readonly name: string
  readonly component: string
  readonly codes: { readonly [code: string]: { readonly status: number; readonly retryable: boolean } }
  readonly prototype: object
}

const ways: ReadonlyArray<readonly [Declared["way"], RegExp]> = [
  ["made", /\bclass (\w+)(?:<[^{]*?>)? extends Errors\.make\b/g],
  ["typed", /\bclass (\w+)(?:<[^{]*?>)? extends (?:Schema|Data)\.(?:TaggedError|ErrorClass|Error)\b/g],
  ["plain", /\bclass (\w+)(?:<[^{]*?>)? extends \w*Error\b(?=[\s{])/g]
]

/** The error classes that a source text declares. */
export const declaredIn = (source: string): ReadonlyArray<Declared> =>
  ways.flatMap(([way, pattern]) => [...source.matchAll(pattern)].map(([, name = ""]) => ({ name, way })))

/** Where apps' errors are played, and where the one way is. */
const isOutside = (file: string): boolean =>
  file.includes("/testing/") || file.endsWith("/src/Errors.ts") || file.endsWith("/src/app/Errors.ts")

/** Every source file of a published package that declares an error, with what it declares. */
export const declared = (): ReadonlyArray<Declared & { readonly file: string }> =>
  published()
    .flatMap(({ folder }) => globSync(`${folder}/src/**/*.ts`, { cwd: root }))
    .map((file) => file.replaceAll(path.sep, "/"))
    .filter((file) => !isOutside(file))
    .toSorted()
    .flatMap((file) => declaredIn(readFileSync(path.join(root, file), "utf8")).map((one) => ({ ...one, file })))

const isErrorClass = (value: unknown): value is ErrorClass =>
  typeof value === "function" && "codes" in value && "component" in value && value.prototype instanceof Error

/** The error classes that a module declares and exports; `UniqueViolation` stands for the class it refines. */
const exportedBy = async (file: string): Promise<ReadonlyArray<ErrorClass>> => {
  const module = (await import(pathToFileURL(path.join(root, file)).href)) as Readonly<Record<string, unknown>>
  const own = new Set(declaredIn(readFileSync(path.join(root, file), "utf8")).map(({ name }) => name))
  return [...new Set(Object.values(module))].filter(isErrorClass).filter(({ name }) => own.has(name))
}

const bases = (one: ErrorClass): ReadonlyArray<string> => {
  const names: Array<string> = []
  for (let at: unknown = one; typeof at === "function"; at = Object.getPrototypeOf(at)) names.push(at.name)
  return names
}

/** Classes that no export of their module is or refines: nobody could name them, and the catalogue has not their codes. */
export const hidden = async (): Promise<ReadonlyArray<string>> => {
  const made = declared().filter(({ way }) => way === "made")
  const found = await Promise.all(
    made.map(async ({ file, name }) => (await exportedBy(file)).some((one) => bases(one).includes(name)))
  )
  return made.flatMap(({ file, name }, i) => (found[i] === true ? [] : [`${file}: ${name}`]))
}

const entriesOf = (file: string, one: ErrorClass): ReadonlyArray<Entry> =>
  Object.entries(one.codes).map(([code, { retryable, status }]) => ({
    code,
    component: one.component,
    className: one.name,
    file,
    status,
    retryable: Object.hasOwn(one.prototype, "retryable") ? "depends" : retryable
  }))

const byCode = (a: Entry, b: Entry): number => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0)

/** Every code, in order; the one of {@link Unexpected} has no class. */
export const catalogue = async (): Promise<ReadonlyArray<Entry>> => {
  const made = [...new Set(declared().flatMap(({ file, way }) => (way === "made" ? [file] : [])))]
  const entries = await Promise.all(
    made.map(async (file) => (await exportedBy(file)).flatMap((one) => entriesOf(file, one)))
  )
  const { Unexpected } = (await import(
    "../packages/core/src/app/Errors.ts"
  )) as typeof import("../packages/core/src/app/Errors.ts")
  const unexpected = Object.entries(Unexpected.codes).map(([code, kind]) => ({
    code,
    component: Unexpected.component,
    className: "",
    file: "packages/core/src/app/Errors.ts",
    ...kind
  }))
  return [...entries.flat(), ...unexpected].toSorted(byCode)
}

export const page = "docs/errors.md"
export const entriesPage = "docs/troubleshooting.md"

const again = { true: "yes", false: "no", depends: "the error knows" }

const row = ({ className, code, retryable, status }: Entry): string => {
  const link = `[\`${code}\`](troubleshooting.md#${code.toLowerCase()})`
  const from = className === "" ? "anything else" : `\`${className}\``
  return `| ${link} | ${from} | ${status} | ${again[`${retryable}`]} |`
}

/** The text of docs/errors.md. */
export const render = (entries: ReadonlyArray<Entry>): string => {
  const components = [...new Set(entries.map(({ component }) => component))].toSorted()
  const tables = components.map((component) => {
    const rows = entries.filter((entry) => entry.component === component).map(row)
    return `## ${component}\n\n| code | class | status | try again |\n|---|---|---|---|\n${rows.join("\n")}\n`
  })
  return `# Errors

Every code of every error of Mortise, made from the classes by \`npm run errors\`: do not edit it. The code of an error is
stable; its message may change. What happened, why, and what to do stands behind each code, in
[troubleshooting.md](troubleshooting.md), which also says how to read an error and how to declare one.

*Status* is the HTTP status that fits. *Try again*: whether the same, unchanged, may go well later.

${tables.join("\n")}`
}
