/** Packs the published packages as a registry would serve them. */
import { existsSync, globSync, rmSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import path from "node:path"
import { withLock } from "./bootstrap/lock.mjs"
import { installed, program } from "./Step.ts"
import { type Package, published, root } from "./workspace.ts"

export interface Tarball {
  readonly pkg: Package
  /** Absolute path of the `.tgz`. */
  readonly file: string
}

const must = async (file: string, args: ReadonlyArray<string>, cwd: string): Promise<string> => {
  const { code, output } = await program(file, args, { cwd })
  if (code !== 0) throw new Error(`${path.basename(file)} ${args.join(" ")} failed in ${cwd}:\n${output}`)
  return output
}

/** Whether `dist` comes from the compiler alone, file by file. */
const isCompiled = ({ manifest }: Package): boolean => manifest.scripts?.build === "tsc -b"

/** What the compiler made of a source that is gone would be shipped for ever. */
const removeOrphans = ({ folder }: Package): void => {
  const dist = path.join(root, folder, "dist")
  for (const file of globSync("**/*.{js,js.map,d.ts,d.ts.map}", { cwd: dist })) {
    const source = file.replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts")
    if (!existsSync(path.join(root, folder, "src", source))) rmSync(path.join(dist, file))
  }
}

const packOne = async (pkg: Package, destination: string): Promise<Tarball> => {
  const output = await must("pnpm", ["pack", "--json", "--pack-destination", destination], path.join(root, pkg.folder))
  // scripts of the package, and warnings of pnpm, may print around the result
  const result = /^\{[\s\S]*^\}/m.exec(output)?.[0]
  if (result === undefined) throw new Error(`pnpm pack printed no result for ${pkg.folder}:\n${output}`)
  const { filename } = JSON.parse(result) as { readonly filename: string }
  return { pkg, file: path.resolve(destination, filename) }
}

/**
 * Builds the published packages and packs them, or those of them in `which`, with pnpm, which writes the versions of the
 * workspace and its catalogs into the manifests. Two runs at the same time wait for each other.
 */
export const pack = (
  destination: string,
  which: ReadonlyArray<Package> = published()
): Promise<ReadonlyArray<Tarball>> =>
  withLock(
    path.join(root, ".toolchain", "pack.lock"),
    async () => {
      await mkdir(destination, { recursive: true })
      await must(installed("tsc"), ["-b"], root)
      const tarballs: Array<Tarball> = []
      for (const pkg of which) {
        if (isCompiled(pkg)) removeOrphans(pkg)
        tarballs.push(await packOne(pkg, destination))
      }
      return tarballs
    },
    "packing"
  )
