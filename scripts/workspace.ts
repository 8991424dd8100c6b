/** The packages of this workspace as they lie on disk. */
import { existsSync, globSync, readFileSync } from "node:fs"
import path from "node:path"

/** The root of the clone. */
export const root: string = path.resolve(import.meta.dirname, "..")

export interface Manifest {
  readonly name: string
  readonly version?: string
  readonly description?: string
  readonly private?: boolean
  readonly bin?: Record<string, string>
  readonly exports?: unknown
  readonly publishConfig?: { readonly exports?: unknown }
  readonly scripts?: Record<string, string>
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>
  readonly optionalDependencies?: Record<string, string>
}

export interface Package {
  /** Relative to the root, with forward slashes: `packages/transports/socket`. */
  readonly folder: string
  readonly manifest: Manifest
}

const patterns = [
  "packages/core",
  "packages/orm",
  "packages/config",
  "packages/create-app",
  "packages/transports/*",
  "packages/plugins/*",
  "templates/*",
  "bench",
  "site"
]

/** Every package of the workspace, in the order of the floors. */
export const packages = (): ReadonlyArray<Package> =>
  patterns.flatMap((pattern) =>
    globSync(`${pattern}/package.json`, { cwd: root })
      .sort()
      .map((file) => ({
        folder: path.dirname(file).replaceAll(path.sep, "/"),
        manifest: JSON.parse(readFileSync(path.join(root, file), "utf8")) as Manifest
      }))
  )

/** The packages that are published. */
export const published = (): ReadonlyArray<Package> => packages().filter(({ manifest }) => manifest.private !== true)

/** Whether a file of a package exists. */
export const has = (pkg: Package, file: string): boolean => existsSync(path.join(root, pkg.folder, file))
