import { readFile, realpath, stat } from "node:fs/promises"
import { join, sep } from "node:path"
import type { KnownPlugin } from "./KnownPlugin.ts"
import { decodePluginManifest, maxManifestBytes } from "./PluginManifest.ts"

/** Reads a JSON file of bounded size that lies below a folder, links resolved. */
const readJson = async (folder: string, path: string, limit: number): Promise<unknown> => {
  const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, path))])
  if (!file.startsWith(root + sep)) throw new Error(`${path} lies outside the package`)
  const info = await stat(file)
  if (!info.isFile()) throw new Error(`${path} is no file`)
  if (info.size > limit) throw new Error(`${path} has ${info.size} bytes; at most ${limit} are read`)
  const text = await readFile(file, "utf8")
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`${path} is not valid JSON`)
  }
}

/** The file behind the export `./manifest`, whatever its conditions are. */
const manifestExport = (packageJson: { readonly exports?: unknown }): string | undefined => {
  const exported = (packageJson.exports as Readonly<Record<string, unknown>> | null | undefined)?.["./manifest"]
  return typeof exported === "string"
    ? exported
    : ((exported as Readonly<Record<string, unknown>> | null | undefined)?.default as string | undefined)
}

/**
 * The plugins of a package that lies in a folder, or undefined when it has no manifest. Throws an Error that says why a
 * manifest is refused. Nothing of the package is run.
 */
export const readPackage = async (folder: string): Promise<ReadonlyArray<KnownPlugin> | undefined> => {
  const packageJson = (await readJson(folder, "package.json", 1024 * 1024)) as {
    readonly name?: unknown
    readonly version?: unknown
    readonly exports?: unknown
  } | null
  const path = packageJson === null ? undefined : manifestExport(packageJson)
  if (path === undefined || packageJson === null) return undefined
  const { name, version } = packageJson
  if (typeof name !== "string" || typeof version !== "string")
    throw new Error("its package.json has no name or version")
  if (typeof path !== "string" || !/^\.\/[^\\]*\.json$/.test(path) || path.split("/").includes("..")) {
    throw new Error(`its export ./manifest is no JSON file of the package`)
  }
  const { plugins } = decodePluginManifest(name, await readJson(folder, path, maxManifestBytes))
  return plugins.map((plugin) => ({ ...plugin, package: name, version }))
}
