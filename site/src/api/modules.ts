/** The public modules of the published packages, as the exports of their manifests open them. */
import { existsSync, globSync } from "node:fs"
import path from "node:path"
import { type Package, published, root } from "../../../scripts/workspace.ts"

export interface PublicModule {
  readonly pkg: Package
  /** What an import says: `@mortise/core/app/Plugin`. */
  readonly specifier: string
  /** From the root of the workspace: `packages/core/src/app/Plugin.ts`. */
  readonly source: string
  /** The declarations that the compiler makes of it. */
  readonly declarations: string
  /** Where its page stands on the site: `api/core/app/Plugin`. */
  readonly route: string
}

/** `core` for `@mortise/core`: the folder of a package's reference. */
export const shortName = (name: string): string => name.replace(/^@mortise\//, "")

/** Where the compiler puts the declarations of a source file: `outDir` of the package's tsconfig.json. */
export const declarationsOf = (source: string): string =>
  source
    .replace("/src/", source.startsWith("packages/create-app/") ? "/dist/types/" : "/dist/")
    .replace(/\.ts$/, ".d.ts")

const targetsOf = (pkg: Package): ReadonlyArray<readonly [key: string, target: string | null]> =>
  Object.entries((pkg.manifest.exports ?? {}) as Record<string, string | null>)

const modulesOf = (pkg: Package): ReadonlyArray<PublicModule> => {
  const targets = targetsOf(pkg)
  const closed = targets.flatMap(([key, target]) => (target === null ? [key.replace("*", "")] : []))
  const found = new Map<string, PublicModule>()
  const add = (key: string, file: string): void => {
    if (closed.some((prefix) => key.startsWith(prefix))) return
    const source = path.posix.join(pkg.folder, file)
    const name = key === "." ? "root" : key.slice(2)
    found.set(source, {
      pkg,
      specifier: path.posix.join(pkg.manifest.name, key),
      source,
      declarations: declarationsOf(source),
      route: `api/${shortName(pkg.manifest.name)}/${name}`
    })
  }
  for (const [key, target] of targets) {
    if (target === null || !target.endsWith(".ts")) continue
    if (!key.includes("*")) {
      add(key, target)
      continue
    }
    const [before = "", after = ""] = target.split("*")
    for (const file of globSync(`${before}**/*${after}`, { cwd: path.join(root, pkg.folder) })) {
      const name = file.replaceAll(path.sep, "/").slice(before.length - 2, -after.length)
      // what the root exports has the key "." already
      if (!found.has(path.posix.join(pkg.folder, file))) add(key.replace("*", name), file)
    }
  }
  return [...found.values()].toSorted((a, b) => (a.specifier < b.specifier ? -1 : 1))
}

let known: ReadonlyArray<PublicModule> | undefined

/** Every public module, package by package in the order of the floors, by name within each. */
export const publicModules = (): ReadonlyArray<PublicModule> =>
  (known ??= published()
    .flatMap(modulesOf)
    .filter(({ source }) => existsSync(path.join(root, source))))
