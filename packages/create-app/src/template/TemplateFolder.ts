import { readdir, readFile, stat } from "node:fs/promises"
import { join, relative, sep } from "node:path"
import { pathToFileURL } from "node:url"
import { contentOf, isCopied, type TemplateFile } from "./TemplateFile.ts"
import { resolveRanges } from "./WorkspaceRanges.ts"

/** The folders directly below `directory` that hold a template, in the order of their names. */
export const templateFolders = async (directory: string): Promise<ReadonlyArray<string>> => {
  const entries = await readdir(directory, { withFileTypes: true })
  const folders = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async (entry) => {
        const folder = join(directory, entry.name)
        return (await isFile(join(folder, "template.ts"))) ? folder : undefined
      })
  )
  return folders.filter((folder) => folder !== undefined).sort()
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false
  )

/** Reads a template's folder: the manifest as `template.ts` exports it, unchecked, and the files that an app may get. */
export const readFolder = async (
  folder: string
): Promise<{ readonly manifest: unknown; readonly version: string; readonly files: ReadonlyArray<TemplateFile> }> => {
  const source = join(folder, "template.ts")
  if (!(await isFile(source))) throw new Error(`there is no template.ts in it`)
  const module: { readonly default?: unknown } = await import(pathToFileURL(source).href)
  if (module.default === undefined) throw new Error("template.ts has no default export")
  const omit = (module.default as { readonly omit?: ReadonlyArray<string> }).omit ?? []
  const paths = (await walk(folder, folder, omit)).sort()
  if (!paths.includes("package.json")) throw new Error("it has no package.json")
  const files = await Promise.all(
    paths.map(async (path): Promise<TemplateFile> => {
      const absolute = join(folder, path)
      const [bytes, info] = await Promise.all([readFile(absolute), stat(absolute)])
      return { path, content: contentOf(bytes), executable: (info.mode & 0o100) !== 0 }
    })
  )
  const original = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { readonly version?: string }
  const manifestText = await resolveRanges(folder, original)
  return {
    manifest: module.default,
    version: original.version ?? "0.0.0",
    files: files.map((file) => (file.path === "package.json" ? { ...file, content: manifestText } : file))
  }
}

const walk = async (root: string, directory: string, omit: ReadonlyArray<string>): Promise<Array<string>> => {
  const entries = await readdir(directory, { withFileTypes: true })
  const found = await Promise.all(
    entries.map(async (entry) => {
      const absolute = join(directory, entry.name)
      const path = relative(root, absolute).split(sep).join("/")
      if (entry.isDirectory()) return isCopied(`${path}/`, omit) ? walk(root, absolute, omit) : []
      return entry.isFile() && isCopied(path, omit) ? [path] : []
    })
  )
  return found.flat()
}
