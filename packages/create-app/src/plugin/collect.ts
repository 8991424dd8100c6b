import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { KnownPlugin } from "./KnownPlugin.ts"
import { readPackage } from "./readManifest.ts"

const folders = async (directory: string): Promise<ReadonlyArray<string>> =>
  (await readdir(directory, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(directory, entry.name))
    .sort()

/** The plugins of all packages of the workspace, in the order of its floors. Throws when two go by one name. */
export const collect = async (root: string): Promise<ReadonlyArray<KnownPlugin>> => {
  const packages = join(root, "packages")
  const places = [
    join(packages, "core"),
    ...(await folders(join(packages, "transports"))),
    join(packages, "orm"),
    ...(await folders(join(packages, "plugins")))
  ]
  const found = await Promise.all(
    places.map((folder) =>
      readPackage(folder).catch((cause: unknown) => {
        if ((cause as { readonly code?: unknown } | null)?.code === "ENOENT") return undefined
        throw new Error(`${folder}: ${cause instanceof Error ? cause.message : String(cause)}`)
      })
    )
  )
  const plugins = found.flatMap((each) => each ?? [])
  const names = plugins.flatMap(({ aliases = [], name }) => [name, ...aliases])
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`two plugins of the workspace go by the name ${twice}`)
  return plugins
}
