/** Writes the pages as VitePress reads them: those of the workspace as they are, the reference and the first page as made. */
import { cp, mkdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import type { DefaultTheme } from "vitepress"
import { shortName } from "./api/modules.ts"
import { type Module, namesInCode, type Problem, type Reference, readReference } from "./api/reference.ts"
import { areaOf, labelOf, modulePage, packagePage, referencePage } from "./api/render.ts"
import { landingPage } from "./landing.ts"
import { pages, read } from "./pages.ts"
import { namesFile, referenceFile, site, staged, work } from "./places.ts"

/** The Markdown of every page by its route. */
export interface Staged {
  readonly texts: ReadonlyMap<string, string>
  readonly problems: ReadonlyArray<Problem>
}

/** A sidebar for each package; on the first page of the reference, the packages. */
const referenceSidebar = ({ modules }: Reference): DefaultTheme.SidebarMulti => {
  const packages = [...Map.groupBy(modules, ({ pkg }) => pkg.manifest.name)]
  const linkOf = (name: string): string => `/api/${shortName(name)}/`
  const leaf = (module: Module): DefaultTheme.SidebarItem => ({
    text: module.specifier === module.pkg.manifest.name ? "index" : path.posix.basename(labelOf(module)),
    link: `/${module.route.replace(/\/index$/, "/")}`
  })
  const areas = (list: ReadonlyArray<Module>): Array<DefaultTheme.SidebarItem> =>
    [...Map.groupBy(list, areaOf)]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([area, inArea]) =>
        area === "" ? inArea.map(leaf) : [{ text: area, collapsed: true, items: inArea.map(leaf) }]
      )
  const all = { text: "All packages", link: "/api/" }
  return Object.fromEntries([
    ...packages.map(([name, list]) => [
      linkOf(name),
      [all, { text: name, link: linkOf(name), items: areas(list) }] satisfies Array<DefaultTheme.SidebarItem>
    ]),
    ["/api/", [{ ...all, items: packages.map(([name]) => ({ text: name, link: linkOf(name) })) }]]
  ]) as DefaultTheme.SidebarMulti
}

const referencePages = (reference: Reference, report: (problem: Problem) => void): ReadonlyMap<string, string> => {
  const texts = new Map([["api/index", referencePage(reference)]])
  for (const [name, list] of Map.groupBy(reference.modules, ({ pkg }) => pkg.manifest.name)) {
    texts.set(`api/${shortName(name)}/index`, packagePage(list))
  }
  for (const module of reference.modules) texts.set(module.route, modulePage(reference, module, report))
  return texts
}

/** Makes the folder of pages anew. The packages must have been built. */
export const stage = async (): Promise<Staged> => {
  const problems: Array<Problem> = []
  const reference = await readReference(path.join(work, "declarations"))
  const texts = new Map([
    ["index", landingPage()],
    ...pages().map(({ file, route }) => [route, read(file)] as const),
    ...referencePages(reference, (problem) => problems.push(problem))
  ])
  await rm(staged, { recursive: true, force: true })
  await cp(path.join(site, "public"), path.join(staged, "public"), { recursive: true })
  for (const [route, text] of texts) {
    const file = path.join(staged, `${route}.md`)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  const names = reference.modules.map((module) => [module.route, Object.fromEntries(namesInCode(reference, module))])
  await writeFile(namesFile, JSON.stringify(Object.fromEntries(names)))
  await writeFile(referenceFile, JSON.stringify(referenceSidebar(reference)))
  return { texts, problems }
}
