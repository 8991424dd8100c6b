/**
 * The public interface of a package as one page: what its entry points export, from the declarations that the compiler wrote,
 * without comments; and of what is closed (`internal/`), what public declarations speak of.
 */
import { existsSync, globSync, readFileSync } from "node:fs"
import path from "node:path"
import { type Package, root } from "../workspace.ts"
import { type Declarations, type Reference, readDeclarations, type Statement } from "./Declarations.ts"

type Conditions = string | null | { readonly [condition: string]: Conditions }

const typesOf = (conditions: Conditions): string | undefined =>
  typeof conditions === "object" && typeof conditions?.types === "string" ? conditions.types : undefined

const matches = (pattern: string, specifier: string): boolean => {
  const [before = "", after = ""] = pattern.split("*")
  return pattern.includes("*") && specifier.startsWith(before) && specifier.endsWith(after)
}

/** Every specifier of a published package with its declarations, relative to the package. */
export const entryPoints = ({ folder, manifest }: Package): ReadonlyMap<string, string> => {
  const exports = (manifest.publishConfig?.exports ?? {}) as Readonly<Record<string, Conditions>>
  const closed = Object.keys(exports).filter((key) => exports[key] === null)
  const found = new Map<string, string>()
  for (const [key, conditions] of Object.entries(exports)) {
    const types = typesOf(conditions)
    if (types === undefined) continue
    const [before = "", after = ""] = types.split("*")
    const files = types.includes("*") ? globSync(types.replace("*", "**/*"), { cwd: path.join(root, folder) }) : [types]
    for (const file of files.map((name) => `./${path.posix.normalize(name.replaceAll(path.sep, "/"))}`)) {
      const specifier = key.replace("*", file.slice(before.length, file.length - after.length))
      if (closed.some((pattern) => matches(pattern, specifier)) || found.has(specifier)) continue
      if (specifier === "./index") continue
      found.set(specifier, file)
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The statements of a file that are exported, or spoken of by those that are; `wanted` limits what counts as exported. */
const reached = ({ imports, statements }: Declarations, wanted: ReadonlySet<string>) => {
  const kept = new Set<Statement>()
  const outside: Array<Reference> = []
  const keep = (statement: Statement): void => {
    if (kept.has(statement)) return
    kept.add(statement)
    outside.push(...statement.references)
    for (const name of statement.names) {
      const from = imports.get(name)
      if (from !== undefined) outside.push(from)
      for (const other of statements) if (other.declares.includes(name)) keep(other)
    }
  }
  for (const statement of statements) {
    const named =
      statement.declares.some((name) => wanted.has(name)) || statement.references.some(({ name }) => wanted.has(name))
    if (wanted.has("*") ? statement.exported : named) keep(statement)
  }
  return { texts: statements.filter((statement) => kept.has(statement)).map(({ text }) => text), outside }
}

const fence = (texts: ReadonlyArray<string>): string => `\`\`\`ts\n${texts.join("\n")}\n\`\`\``

/** The page of a package; its declarations must have been built. */
export const apiReport = (pkg: Package): string => {
  const { folder, manifest } = pkg
  const points = entryPoints(pkg)
  const files = new Map<string, Declarations>()
  const load = (file: string): Declarations => {
    const read = files.get(file) ?? readDeclarations(file, readFileSync(path.join(root, folder, file), "utf8"))
    files.set(file, read)
    return read
  }
  const isPublic = new Set(points.values())
  const inside = new Map<string, Set<string>>()
  const waiting: Array<string> = []
  const follow = (file: string, { from, name }: Reference): void => {
    if (!from.startsWith(".")) return
    const target = `./${path.posix.join(path.posix.dirname(file), from).replace(/\.ts$/, ".d.ts")}`
    if (isPublic.has(target) || !existsSync(path.join(root, folder, target))) return
    const wanted = inside.get(target) ?? new Set()
    if (wanted.has(name)) return
    inside.set(target, wanted.add(name))
    waiting.push(target)
  }
  const sections: Array<string> = []
  for (const [specifier, file] of points) {
    const { outside, texts } = reached(load(file), new Set(["*"]))
    for (const reference of outside) follow(file, reference)
    sections.push(`## ${path.posix.join(manifest.name, specifier)}`, fence(texts))
  }
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    for (const reference of reached(load(file), inside.get(file) ?? new Set()).outside) follow(file, reference)
  }
  const closed = [...inside.keys()].sort().flatMap((file) => {
    const { texts } = reached(load(file), inside.get(file) ?? new Set())
    return texts.length === 0 ? [] : [`### ${file.replace(/^\.\/dist\//, "").replace(/\.d\.ts$/, "")}`, fence(texts)]
  })
  if (closed.length > 0) sections.push("## Closed, but spoken of above", ...closed)
  return (
    [
      `# ${manifest.name}`,
      "What this package lets others use, made by `npm run api -- --write`. A change here is a change that users see: it comes with a changeset.",
      ...sections
    ].join("\n\n") + "\n"
  )
}
