/** The published packages as tarballs, packed anew only when something that goes into them has changed. */
import { createHash } from "node:crypto"
import { globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { pack } from "../pack.ts"
import { published, root } from "../workspace.ts"
import { readVersion, type Version } from "./tarball.ts"

/** What decides the content of the tarballs. */
const inputs = ["pnpm-workspace.yaml", "pnpm-lock.yaml", "tsconfig*.json", "LICENSE", "scripts/pack.ts", "templates/**"]

const hashOf = (): string => {
  const patterns = [...inputs, ...published().map(({ folder }) => `${folder}/**`)]
  const files = patterns
    .flatMap((pattern) =>
      globSync(pattern, {
        cwd: root,
        withFileTypes: true,
        exclude: (entry) => ["node_modules", "dist", "test", "coverage"].includes(entry.name) && !isTemplate(entry)
      })
    )
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const hash = createHash("sha256")
  for (const file of files)
    hash
      .update(`${file.slice(root.length)}\n`)
      .update(readFileSync(file))
      .update("\n")
  return hash.digest("hex").slice(0, 16)
}

/** A template's tests are a part of what is packed; a package's are not. */
const isTemplate = (entry: { readonly name: string; readonly parentPath: string }): boolean =>
  entry.name === "test" && entry.parentPath.startsWith(join(root, "templates"))

const keep = join(root, ".toolchain", "demo")

const read = (folder: string): ReadonlyArray<Version> =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".tgz"))
    .map((name) => readVersion(join(folder, name)))

export interface Packed {
  readonly versions: ReadonlyArray<Version>
  /** Changes with the content of the packages. */
  readonly hash: string
  /** Whether they were there already. */
  readonly cached: boolean
}

/** Builds and packs the published packages, or takes them from the last time when nothing has changed. */
export const packPackages = async (): Promise<Packed> => {
  const hash = hashOf()
  const folder = join(keep, hash)
  try {
    return { versions: read(folder), hash, cached: true }
  } catch {
    // not packed yet
  }
  mkdirSync(keep, { recursive: true })
  const fresh = join(keep, `${hash}.${process.pid}`)
  try {
    await pack(fresh)
    for (const old of readdirSync(keep)) if (/^[0-9a-f]{16}$/.test(old)) rmSync(join(keep, old), { recursive: true })
    renameSync(fresh, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return { versions: read(folder), hash, cached: false }
}
