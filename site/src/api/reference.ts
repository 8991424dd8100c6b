/** The reference as a whole: every public module with its declarations, and which name leads where. */
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { root } from "../../../scripts/workspace.ts"
import { type Declarations, type Item, moduleDocstring, readDeclarations, withAnchors } from "./declarations.ts"
import type { Docstring, Names } from "./docstring.ts"
import { format } from "./format.ts"
import { declarationsOf, type PublicModule, publicModules } from "./modules.ts"

export interface Module extends PublicModule {
  readonly doc: Docstring | undefined
  readonly declared: Declarations
  /** What an import of this module gives under its own name: declared here, or by a module that is not public. */
  readonly items: ReadonlyArray<Item>
}

export interface Problem {
  readonly file: string
  /** From 1; 0: not known. */
  readonly line: number
  readonly message: string
  /** Worth a look, but may be right: it does not keep the site from being built. */
  readonly warning?: boolean
}

export interface Reference {
  readonly modules: ReadonlyArray<Module>
  readonly bySource: ReadonlyMap<string, Module>
}

const readText = (file: string): string => readFileSync(path.join(root, file), "utf8")

/** The source file of an import, from the root; undefined outside of the workspace. */
export const sourceOf = (from: PublicModule, specifier: string): string | undefined =>
  specifier.startsWith(".")
    ? path.posix.join(path.posix.dirname(from.source), specifier)
    : publicModules().find((module) => module.specifier === specifier)?.source

const load = (module: PublicModule): Module => {
  if (!existsSync(path.join(root, module.declarations))) {
    throw new Error(`${module.declarations} is missing: the packages are not built, "npm run check" builds them`)
  }
  const doc = moduleDocstring(readText(module.source))
  const declared = readDeclarations(readText(module.declarations), doc)
  // what is exported from a closed module has no other page than this one
  const adopted = declared.reExports.flatMap(({ from, names }) => {
    const source = sourceOf(module, from)
    if (source === undefined || publicModules().some((other) => other.source === source)) return []
    const there = readDeclarations(readText(declarationsOf(source)), moduleDocstring(readText(source)))
    return there.items.flatMap((item) => {
      const name = [...names].find(([, local]) => local === item.name)?.[0]
      return name === undefined ? [] : [{ ...item, name, exported: true }]
    })
  })
  return { ...module, doc, declared, items: withAnchors([...declared.items, ...adopted]) }
}

/** Reads every public module; `folder` is where the declarations are formatted. */
export const readReference = async (folder: string): Promise<Reference> => {
  const read = publicModules().map(load)
  const formatted = await format(
    folder,
    read.map(({ items }) => items.map(({ code }) => code))
  )
  const modules = read.map((module, i) => ({
    ...module,
    items: module.items.map((item, k) => ({ ...item, code: formatted[i]?.[k] ?? item.code }))
  }))
  return { modules, bySource: new Map(modules.map((module) => [module.source, module])) }
}

const pageOf = (module: Module): string => `/${module.route}.md`

/** The address of what `module` exports or declares under `name`; undefined: nothing. */
export const addressIn = (module: Module, name: string): string | undefined => {
  const item = module.items.find((item) => item.name === name)
  return item === undefined ? undefined : `${pageOf(module)}#${item.anchor}`
}

/** The address of a name that a re-export or an import of `module` brings, if it is in the reference. */
const addressElsewhere = (reference: Reference, module: Module, name: string): string | undefined => {
  const imported = module.declared.imports.get(name)
  if (imported !== undefined) {
    const there = reference.bySource.get(sourceOf(module, imported.from) ?? "")
    if (there === undefined) return undefined
    return imported.name === "*" ? pageOf(there) : addressIn(there, imported.name)
  }
  for (const { from, names, namespace } of module.declared.reExports) {
    const there = reference.bySource.get(sourceOf(module, from) ?? "")
    if (there === undefined) continue
    if (namespace === name) return pageOf(there)
    const local = names.get(name)
    if (local !== undefined) return addressIn(there, local)
  }
  return undefined
}

/** The public module that people call `name` where `module` does: of the same folder, else of its package. */
const moduleNamed = (reference: Reference, module: Module, name: string): Module | undefined => {
  const candidates = reference.modules.filter(
    ({ pkg, route }) => pkg.folder === module.pkg.folder && path.posix.basename(route) === name
  )
  return candidates.find(({ route }) => path.posix.dirname(route) === path.posix.dirname(module.route)) ?? candidates[0]
}

/** The addresses of the names that signatures of `module` show: what it declares, and what it imports. */
export const namesInCode = (reference: Reference, module: Module): ReadonlyMap<string, string> => {
  const names = new Map<string, string>()
  const add = (name: string, address: string | undefined): void => {
    // lower case: too many properties have the name of a function
    if (/^[A-Z]/.test(name) && address !== undefined) names.set(name, address)
  }
  for (const name of module.declared.imports.keys()) add(name, addressElsewhere(reference, module, name))
  for (const { name } of module.items) add(name, addressIn(module, name))
  return names
}

/** Finds what docstrings of `module` name, and reports what `{@link}` names and is not there. */
export const namesInDocs = (reference: Reference, module: Module, report: (problem: Problem) => void): Names => {
  const find = (name: string): string | undefined => {
    const [first = "", second, ...rest] = name.replace(/\(.*$/, "").split(/[.#]/)
    if (rest.length > 0) return undefined
    if (second === undefined) return addressIn(module, first) ?? addressElsewhere(reference, module, first)
    const there = moduleNamed(reference, module, first)
    const address = there === undefined ? undefined : addressIn(there, second)
    if (address !== undefined) return address
    // a member stands in the declaration of what it is a member of
    const owner = module.items.find((item) => item.name === first)
    const isMember = owner !== undefined && new RegExp(`^\\s.*\\b${second}\\b`, "m").test(owner.code)
    return isMember ? addressIn(module, first) : undefined
  }
  const place = (text: string): Pick<Problem, "file" | "line"> => {
    const lines = readText(module.source).split("\n")
    return { file: module.source, line: lines.findIndex((line) => line.includes(text)) + 1 }
  }
  /** `Module.name` of a module that is here, and has nothing of that name, not even as a member. */
  const isStale = (code: string): boolean => {
    const [, first = "", second = ""] = /^([A-Z]\w*)\.([a-z][A-Za-z0-9]*)(?:\(.*\))?$/.exec(code) ?? []
    const there = moduleNamed(reference, module, first)
    if (there === undefined || second === "ts" || addressElsewhere(reference, there, second) !== undefined) return false
    return !there.items.some((item) => new RegExp(`\\b${second}\\b`).test(item.code))
  }
  return {
    link: (name) => {
      const there = moduleNamed(reference, module, name)
      const address = find(name) ?? (there === undefined ? undefined : pageOf(there))
      if (address === undefined)
        report({ ...place(`{@link ${name}`), message: `{@link ${name}} names nothing that is public` })
      return address
    },
    code: (code) => {
      const address = /^[\w.]+(?:\(.*\))?$/.test(code) ? find(code) : undefined
      if (address === undefined && isStale(code)) {
        report({ ...place(`\`${code}\``), message: `\`${code}\` names nothing that its module has`, warning: true })
      }
      return address
    }
  }
}
