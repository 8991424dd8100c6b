/**
 * The floors of the house: an import goes down, never up, and never sideways between two packages of one floor.
 * docs/decisions/0014-floors.md says why.
 */
import { globSync, readFileSync } from "node:fs"
import path from "node:path"
import { type Import, importsOf } from "./imports.ts"
import { type Package, root } from "./workspace.ts"

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string
  readonly source: string
}

export interface Violation {
  readonly file: string
  readonly specifier: string
  /** The rule, with the floors it is about. */
  readonly broken: string
}

interface Floor {
  readonly level: number
  readonly title: string
}

/** Folders outside the house: they look at all of it, and are never shipped. */
const isOutside = (folder: string): boolean => folder === "bench" || folder === "site"

/** The floor a folder stands on; what is outside may look at all of them. */
const floorOf = (folder: string): Floor => {
  if (folder === "packages/core") return { level: 1, title: "floor 1 (core)" }
  if (folder === "packages/orm") return { level: 2, title: "floor 2 (orm)" }
  if (folder === "packages/config") return { level: 2, title: "floor 2 (config)" }
  if (folder.startsWith("packages/transports/")) return { level: 2, title: "floor 2 (transports)" }
  if (folder.startsWith("packages/plugins/")) return { level: 3, title: "floor 3 (plugins)" }
  if (folder === "packages/create-app") return { level: 4, title: "floor 4 (create-app)" }
  if (folder.startsWith("templates/")) return { level: 5, title: "floor 5 (templates)" }
  return { level: 6, title: `outside (${folder})` }
}

const packageNameOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")

const isRelative = (specifier: string): boolean => specifier.startsWith("./") || specifier.startsWith("../")

const isInside = (file: string, folder: string): boolean => file.startsWith(`${folder}/`)

const coreMayImport = new Set(["effect", "msgpackr"])

/** The adapter of the kits to vitest is the one place of core that knows a test runner. */
const isVitestAdapter = (file: string): boolean => /^packages\/core\/src\/testing\/vitest(\.ts$|\/)/.test(file)

const isClient = (file: string): boolean => file.startsWith("packages/core/src/client/")

const declares = ({ folder, manifest }: Package, name: string, shipped: boolean): boolean => {
  const lists = [manifest.dependencies, manifest.peerDependencies, manifest.optionalDependencies]
  // create-app is shipped as a bundle, so what it is made of are its development dependencies
  if (!shipped || folder === "packages/create-app" || isOutside(folder)) lists.push(manifest.devDependencies)
  return lists.some((list) => list !== undefined && name in list)
}

const relativeBroken = (own: Package, file: string, specifier: string, all: ReadonlyArray<Package>) => {
  const target = path.posix.join(path.posix.dirname(file), specifier)
  if (isInside(target, own.folder)) return undefined
  const other = all.find(({ folder }) => isInside(target, folder))
  if (other !== undefined) {
    return `${floorOf(own.folder).title} reaches by path into ${floorOf(other.folder).title}: ${other.folder} is imported by its name`
  }
  const ships = (isInside(file, `${own.folder}/src`) && !isOutside(own.folder)) || own.folder.startsWith("templates/")
  return ships ? `${floorOf(own.folder).title} reaches out of ${own.folder}, which is shipped alone` : undefined
}

const workspaceBroken = (own: Package, other: Package, file: string, specifier: string) => {
  const from = floorOf(own.folder)
  const to = floorOf(other.folder)
  if (own.folder === "packages/create-app" && isInside(file, "packages/create-app/src")) {
    return `${from.title} imports no runtime package, and ${specifier} is one of ${to.title}`
  }
  if (to.level > from.level) return `${from.title} may not reach up to ${to.title}`
  if (to.level === from.level) return `${from.title} may not reach sideways to ${other.folder} of ${to.title}`
  if (specifier.split("/").includes("internal")) return `internal/ of ${other.folder}, ${to.title}, is closed`
  return undefined
}

const foreignBroken = (own: Package, file: string, name: string) => {
  const floor = floorOf(own.folder).title
  const shipped = isInside(file, `${own.folder}/src`)
  if (own.folder === "packages/core" && shipped && !coreMayImport.has(name)) {
    const adapts = isVitestAdapter(file) && (name === "vitest" || name === "@effect/vitest")
    if (!adapts) return `${floor} imports only effect, msgpackr and node modules`
  }
  if (declares(own, name, shipped)) return undefined
  const where = shipped ? "dependencies or peerDependencies" : "dependencies"
  return `${floor}: ${name} is not among the ${where} of ${own.folder}/package.json`
}

const brokenBy = (file: string, specifier: string, own: Package, all: ReadonlyArray<Package>): string | undefined => {
  if (isRelative(specifier)) return relativeBroken(own, file, specifier, all)
  if (specifier.startsWith("#")) return undefined
  if (specifier.startsWith("node:")) {
    return isClient(file) ? "the client area of floor 1 (core) runs in browsers and imports no node module" : undefined
  }
  const name = packageNameOf(specifier)
  if (name === own.manifest.name) return undefined
  const other = all.find(({ manifest }) => manifest.name === name)
  if (other === undefined) return foreignBroken(own, file, name)
  return workspaceBroken(own, other, file, specifier) ?? foreignBroken(own, file, name)
}

/** Node modules that the client area reaches through other files of core, with the way there. */
const clientReaches = (imports: ReadonlyMap<string, ReadonlyArray<Import>>): ReadonlyArray<Violation> => {
  const violations: Array<Violation> = []
  const seen = new Set<string>()
  const visit = (file: string, way: ReadonlyArray<string>): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const { specifier, typeOnly } of imports.get(file) ?? []) {
      if (typeOnly) continue
      if (specifier.startsWith("node:") && !isClient(file)) {
        const broken = `the client area of floor 1 (core) runs in browsers and reaches a node module through ${way.join(" → ")}`
        violations.push({ file, specifier, broken })
      }
      if (isRelative(specifier)) {
        const target = path.posix.join(path.posix.dirname(file), specifier)
        visit(target, [...way, target])
      }
    }
  }
  for (const file of imports.keys()) if (isClient(file)) visit(file, [file])
  return violations
}

/** Every import that breaks a floor. */
export const floorsBroken = (
  files: ReadonlyArray<SourceFile>,
  all: ReadonlyArray<Package>
): ReadonlyArray<Violation> => {
  const imports = new Map(files.map((file) => [file.path, importsOf(file.path, file.source)]))
  const direct = [...imports].flatMap(([file, list]) => {
    const own = all.find(({ folder }) => isInside(file, folder))
    if (own === undefined) return []
    return list.flatMap(({ specifier }): ReadonlyArray<Violation> => {
      const broken = brokenBy(file, specifier, own, all)
      return broken === undefined ? [] : [{ file, specifier, broken }]
    })
  })
  return [...direct, ...clientReaches(imports)]
}

/** The source files of the packages as they lie on disk. */
export const sourceFiles = (all: ReadonlyArray<Package>): ReadonlyArray<SourceFile> =>
  all.flatMap(({ folder }) =>
    globSync("**/*.{ts,tsx,mts,cts,js,mjs,cjs}", {
      cwd: path.join(root, folder),
      exclude: (name) => name === "node_modules" || name === "dist"
    }).map((name) => {
      const file = `${folder}/${name.replaceAll(path.sep, "/")}`
      return { path: file, source: readFileSync(path.join(root, file), "utf8") }
    })
  )

/** One line for people. */
export const describe = ({ broken, file, specifier }: Violation): string => `${file} imports "${specifier}": ${broken}`
