/** The published packages as tarballs, packed anew only when something that goes into them has changed. */
import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { pack } from "../pack.ts"
import { published, root } from "../workspace.ts"
import { readVersion, type Version } from "./tarball.ts"

/** Files of the root that go into the tarballs. */
const rootFiles = ["pnpm-workspace.yaml", "pnpm-lock.yaml", "tsconfig.base.json", "LICENSE", "scripts/pack.ts"]
/** Folders that do not: products, and the tests of packages. A template's tests do. */
const isLeftOut = (folder: string): boolean =>
  /(^|\/)(node_modules|dist|coverage)$/.test(folder) || /^packages\/.*\/test$/.test(folder)

const filesBelow = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return isLeftOut(path) ? [] : filesBelow(path)
    return entry.isFile() ? [path] : []
  })

const hashOf = (): string => {
  const folders = ["templates", ...published().map(({ folder }) => folder)]
  const files = [...rootFiles, ...folders.flatMap(filesBelow)].sort()
  const hash = createHash("sha256")
  for (const file of files)
    hash
      .update(`${file}\n`)
      .update(readFileSync(join(root, file)))
      .update("\n")
  return hash.digest("hex").slice(0, 16)
}

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
