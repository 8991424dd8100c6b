/** What runs here: name and version of the app, of Mortise and of Node. */
import { readFileSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { pathToFileURL } from "node:url"

export interface BuildInfo {
  /** Name of the app; that of its package.json unless told. */
  readonly name: string
  /** Version of the app; that of its package.json unless told. */
  readonly version: string
  /** What it was built from, where somebody says so. */
  readonly commit?: string
  readonly node: string
}

interface Named {
  readonly name?: unknown
  readonly version?: unknown
}

const textOf = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise)

/** The package.json nearest to the file that Node was started with. */
const ownPackage = (): Named => {
  const main = process.argv[1]
  if (main === undefined) return {}
  try {
    const file = findPackageJSON(pathToFileURL(main))
    const found: unknown = file === undefined ? undefined : JSON.parse(readFileSync(file, "utf8"))
    return typeof found === "object" && found !== null ? found : {}
  } catch {
    // an app without a readable package.json has no name of its own
    return {}
  }
}

/** What the app says of itself, filled in from its package.json. */
export const make = (given: Partial<Omit<BuildInfo, "node">> = {}): BuildInfo => {
  const { name, version } = given.name !== undefined && given.version !== undefined ? {} : ownPackage()
  return {
    name: given.name ?? textOf(name, "app"),
    version: given.version ?? textOf(version, "unknown"),
    ...(given.commit === undefined ? {} : { commit: given.commit }),
    node: process.versions.node
  }
}
