/** The pages of the reference as Markdown. */
import path from "node:path"
import { pages } from "../pages.ts"
import type { Item } from "./declarations.ts"
import { markdownOf, type Names, summaryOf } from "./docstring.ts"
import { shortName } from "./modules.ts"
import { addressIn, type Module, namesInDocs, type Problem, type Reference, sourceOf } from "./reference.ts"

/** What a module is called in lists: `app/Plugin`, and the name of the package for its root. */
export const labelOf = ({ pkg, specifier }: Module): string =>
  specifier === pkg.manifest.name ? specifier : specifier.slice(pkg.manifest.name.length + 1)

const sectionOf = (item: Item, names: Names): string =>
  [
    `### ${item.name.replace(/([_*])/g, "\\$1")} {#${item.anchor}}`,
    item.doc === undefined ? "" : markdownOf(item.doc, { ...names, code: (code) => notItself(item, names.code(code)) }),
    `\`\`\`ts signature=${item.name}\n${item.code}\n\`\`\``
  ]
    .filter((part) => part !== "")
    .join("\n\n")

/** A docstring that names its own declaration does not lead to where the reader is. */
const notItself = (item: Item, address: string | undefined): string | undefined =>
  address?.endsWith(`#${item.anchor}`) === true ? undefined : address

const reExportsOf = (reference: Reference, module: Module): ReadonlyArray<string> =>
  module.declared.reExports.flatMap(({ from, names, namespace }) => {
    const there = reference.bySource.get(sourceOf(module, from) ?? "")
    if (there === undefined) return []
    const page = `/${there.route}.md`
    if (namespace !== undefined) {
      const about = there.doc === undefined ? "" : summaryOf(there.doc)
      return [`| [\`${namespace}\`](${page}) | \`${there.specifier}\` | ${inCell(about)} |`]
    }
    return [...names].map(([name, local]) => {
      const item = there.items.find((item) => item.name === local)
      const about = item?.doc === undefined ? "" : summaryOf(item.doc)
      return `| [\`${name}\`](${addressIn(there, local) ?? page}) | \`${there.specifier}\` | ${inCell(about)} |`
    })
  })

/** Docstrings hold links of their own kind and bars; a cell shows neither. */
const inCell = (text: string): string =>
  text.replace(/\{@link(?:code|plain)?\s+([^\s|}]+)[^}]*\}/g, "`$1`").replaceAll("|", "\\|")

/** As people import it: modules that have a name of their own as a namespace, others by what they export. */
const importOf = (module: Module): string => {
  const name = path.posix.basename(module.specifier)
  if (/^[A-Z]\w*$/.test(name)) return `* as ${name}`
  const exported = [
    ...module.items.filter(({ exported }) => exported).map(({ name }) => name),
    ...module.declared.reExports.flatMap(({ names, namespace }) => namespace ?? [...names.keys()])
  ]
  return `{ ${exported.slice(0, 3).join(", ")}${exported.length > 3 ? ", …" : ""} }`
}

const groups: ReadonlyArray<readonly [title: string, kinds: RegExp]> = [
  ["Functions and values", /function|value/],
  ["Classes", /class/],
  ["Types", /./]
]

/** The page of one module: what it is for, then what it exports, then the types that its signatures name. */
export const modulePage = (reference: Reference, module: Module, report: (problem: Problem) => void): string => {
  const names = namesInDocs(reference, module, report)
  // docstrings of members stay in the code, and their links are looked at all the same
  for (const { code } of module.items)
    for (const [, name = ""] of code.matchAll(/\{@link\s+([^\s|}]+)/g)) names.link(name)
  const exported = module.items.filter(({ exported }) => exported)
  const named = module.items.filter(({ exported }) => !exported)
  const taken = new Set<Item>()
  const sections = groups.flatMap(([title, kinds]) => {
    const items = exported.filter((item) => !taken.has(item) && kinds.test(item.kind))
    for (const item of items) taken.add(item)
    return items.length === 0 ? [] : [`## ${title}`, ...items.map((item) => sectionOf(item, names))]
  })
  const again = reExportsOf(reference, module)
  return [
    "---\nreference: true\noutline: [2, 3]\n---",
    `# ${module.specifier} {#module}`,
    `\`\`\`ts\nimport ${importOf(module)} from "${module.specifier}"\n\`\`\``,
    module.doc === undefined ? "" : markdownOf(module.doc, names),
    ...(again.length === 0
      ? []
      : ["## Exported from other modules", `| name | module | |\n|---|---|---|\n${again.join("\n")}`]),
    ...sections,
    ...(named.length === 0
      ? []
      : ["## Not exported", "What the signatures above name.", ...named.map((item) => sectionOf(item, names))])
  ]
    .filter((part) => part !== "")
    .join("\n\n")
}

/** `app` for `app/Plugin`; what lies at the root of a package has no area. */
export const areaOf = (module: Module): string => {
  const folder = path.posix.dirname(labelOf(module))
  return folder === "." || labelOf(module) === module.pkg.manifest.name ? "" : folder
}

/** The page of a package's README, where it has one. */
const readmeLink = (folder: string, text: string): string =>
  pages().some(({ file }) => file === `${folder}/README.md`) ? `[${text}](/${folder}.md)` : text

/** The page of one package: its modules, area by area. */
export const packagePage = (modules: ReadonlyArray<Module>): string => {
  const [first] = modules
  if (first === undefined) throw new Error("a package without public modules has no page")
  const areas = Map.groupBy(modules, areaOf)
  const rows = (list: ReadonlyArray<Module>): string =>
    list
      .map(
        (module) =>
          `| [${path.posix.basename(labelOf(module))}](/${module.route}.md) | ${module.doc === undefined ? "" : inCell(summaryOf(module.doc))} |`
      )
      .join("\n")
  return [
    "---\noutline: 2\n---",
    `# ${first.pkg.manifest.name}`,
    `The public modules of ${readmeLink(first.pkg.folder, first.pkg.manifest.name)}, as their docstrings and declarations describe them.`,
    ...[...areas]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([area, list]) => [...(area === "" ? [] : [`## ${area}`]), `| module | |\n|---|---|\n${rows(list)}`])
  ].join("\n\n")
}

/** The first page of the reference: the packages. */
export const referencePage = (reference: Reference): string => {
  const packages = Map.groupBy(reference.modules, ({ pkg }) => pkg)
  const rows = [...packages].map(
    ([{ folder, manifest }, modules]) =>
      `| [${manifest.name}](/api/${shortName(manifest.name)}/index.md) | ${modules.length} | ${readmeLink(folder, manifest.description ?? "")} |`
  )
  return [
    "---\noutline: false\n---",
    "# API reference",
    "Every public module of every package: what it is for, its examples, and its declarations as the compiler made them. Names in declarations lead to where they are declared.",
    `| package | modules | |\n|---|---|---|\n${rows.join("\n")}`
  ].join("\n\n")
}
