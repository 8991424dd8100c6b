import { builtinModules } from "node:module"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"

/** The name given, or made from the directory, cannot be an npm package's. */
export class PackageNameInvalid extends Errors.make<PackageNameInvalid>()(
  "PackageNameInvalid",
  { component: "create-app", code: "CREATE_NAME_INVALID", status: 422 },
  {
    name: Schema.String,
    reason: Schema.String
  }
) {
  override get message() {
    return `${JSON.stringify(this.name)} cannot be the app's name: ${this.reason}. Give another with --name.`
  }
}

/** npm's limit, in characters. */
const longest = 214
const pattern = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/
/** Names that npm refuses, or that Windows cannot have as a folder's name. */
const reserved = new Set([
  "node_modules",
  "favicon.ico",
  "con",
  "prn",
  "aux",
  "nul",
  ...Array.from({ length: 9 }, (_, index) => `com${index + 1}`),
  ...Array.from({ length: 9 }, (_, index) => `lpt${index + 1}`)
])

/**
 * Why a name cannot be an app's package name, or undefined when it can. `dependencies` are the names of the packages
 * that the app will depend on: npm installs no package inside one of the same name.
 */
export const problemOf = (name: string, dependencies: ReadonlyArray<string> = []): string | undefined => {
  if (name === "") return "it is empty"
  if (name.length > longest) return `it is longer than ${longest} characters`
  if (!pattern.test(name)) {
    return "a package name has lower-case letters, digits, '-', '.' and '_', starts with a letter or digit and may have a @scope/ before it"
  }
  const unscoped = name.split("/").at(-1) ?? name
  if (reserved.has(unscoped)) return "it is reserved"
  if (builtinModules.includes(name)) return "it is a module of Node"
  if (dependencies.includes(name)) return "it is the name of a package that the app depends on"
  return undefined
}

/**
 * A package name made from a directory's name: lower case, accents dropped, spaces to hyphens. Gives undefined when the
 * directory has anything else in it (a shell's characters, a line break), or when nothing is left: then only the user
 * can say what the name is.
 */
export const fromDirectory = (directory: string): string | undefined => {
  if (!/^[\p{L}\p{M}\p{N} ._-]+$/u.test(directory)) return undefined
  const name = directory
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "")
  return name === "" ? undefined : name
}
