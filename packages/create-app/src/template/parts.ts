import { posix } from "node:path"
import { applySplices, type Splice } from "../workspace/Splice.ts"
import { isCode, open } from "./CodeProject.ts"
import type { AppFile, Part, TemplateManifest } from "./Template.ts"
import { matches, type TemplateFile } from "./TemplateFile.ts"

/** Says whether an app has the plugin of this name, or one that stands in for it. */
export type Has = (plugin: string) => boolean

/** The parts that an app with these plugins has, in the order of the manifest. */
export const partsFor = ({ parts = [] }: TemplateManifest, has: Has): ReadonlyArray<Part> =>
  parts.filter((part) => part.with.every(has) && !(part.without ?? []).some(has))

/** The entries of `Plugin.compose`, with those of parts. */
export const usesOf = (app: AppFile, parts: ReadonlyArray<Part>): AppFile["plugins"] => {
  const uses = [...app.plugins]
  for (const { replaces, ...use } of parts.flatMap(({ plugins = [] }) => plugins)) {
    const index = replaces === undefined ? -1 : uses.findIndex(({ name }) => name === replaces)
    if (index === -1) uses.push(use)
    else uses[index] = use
  }
  const [head = app.plugins[0], ...tail] = uses
  return [head, ...tail]
}

type Variant = Exclude<NonNullable<Part["files"]>[number], string>
const variantsOf = (parts: ReadonlyArray<Part>): ReadonlyArray<Variant> =>
  parts.flatMap(({ files = [] }) => files.filter((file) => typeof file !== "string"))
const names = (part: Part, path: string): boolean =>
  (part.files ?? []).some((file) => (typeof file === "string" ? matches(file, path) : file.from === path))

/** What is wrong with the parts of a template, whose files are these. */
export const partProblems = (manifest: TemplateManifest, paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  (manifest.parts ?? []).flatMap((part) =>
    [...(part.files ?? []), ...(part.drops ?? [])]
      .flatMap((file) => (typeof file === "string" ? [file] : [file.from, file.to]))
      .filter((pattern) => !paths.some((path) => matches(pattern, path)))
      .map((pattern) => `the part with ${part.with.join(" and ")} names ${pattern}, which is no file of the template`)
  )

/** The files that an app with these parts has, under the names that they have there. */
export const filesWith = async (
  files: ReadonlyArray<TemplateFile>,
  manifest: TemplateManifest,
  parts: ReadonlyArray<Part>
): Promise<ReadonlyArray<TemplateFile>> => {
  // by the path whose place is taken: the later one counts
  const variants = new Map(variantsOf(parts).map(({ from, to }) => [to, from]))
  const renamed = new Map([...variants].map(([to, from]) => [from, to]))
  const kept = files.filter(({ path }) => {
    if (variants.has(path)) return false
    if ((manifest.parts ?? []).some((part) => names(part, path))) {
      const isVariant = variantsOf(manifest.parts ?? []).some(({ from }) => from === path)
      return isVariant ? renamed.has(path) : parts.some((part) => names(part, path))
    }
    return !parts.some(({ drops = [] }) => drops.some((pattern) => matches(pattern, path)))
  })
  // whoever imports a variant means whatever stands in that place
  const all = new Map(variantsOf(manifest.parts ?? []).map(({ from, to }) => [from, to]))
  if (all.size === 0) return kept
  const texts = await importsRenamed(kept, all)
  return kept.map((file) => ({
    ...file,
    path: renamed.get(file.path) ?? file.path,
    content: texts.get(file.path) ?? file.content
  }))
}

/** The texts of code with imports of renamed files under their new names. */
const importsRenamed = async (files: ReadonlyArray<TemplateFile>, renamed: ReadonlyMap<string, string>) => {
  const project = await open(
    files
      .filter((file) => isCode(file.path) && typeof file.content === "string")
      .map(({ content, path }) => ({ path, text: String(content) }))
  )
  return new Map(
    project.getSourceFiles().map((file) => {
      const path = file.getFilePath().slice(1)
      const splices = file.getImportStringLiterals().flatMap((literal): ReadonlyArray<Splice> => {
        const specifier = literal.getLiteralValue()
        const to = specifier.startsWith(".") ? renamed.get(posix.join(posix.dirname(path), specifier)) : undefined
        if (to === undefined) return []
        // in one folder, so that only the last segment differs
        const text = specifier.slice(0, specifier.lastIndexOf("/") + 1) + posix.basename(to)
        return [{ start: literal.getStart() + 1, end: literal.getEnd() - 1, text }]
      })
      return [path, applySplices(file.getFullText(), splices)]
    })
  )
}

/** The template's package.json without the scripts and dependencies of parts that the app does not have. */
export const packageJsonWith = (source: string, manifest: TemplateManifest, parts: ReadonlyArray<Part>): string => {
  const content = JSON.parse(source) as Record<string, Record<string, string>>
  const drop = (section: string, field: "scripts" | "dependencies"): void => {
    const kept = new Set(parts.flatMap((part) => part[field] ?? []))
    for (const part of manifest.parts ?? []) {
      for (const name of part[field] ?? []) if (!kept.has(name)) delete content[section]?.[name]
    }
  }
  drop("scripts", "scripts")
  drop("dependencies", "dependencies")
  drop("devDependencies", "dependencies")
  return `${JSON.stringify(content, null, 2)}\n`
}
