/** What the sidebar and the bar at the top show. `docs/README.md` is the list: its sections and tables, in their order. */
import type { DefaultTheme } from "vitepress"
import { type Page, pages, read, titleOf } from "./pages.ts"

export interface Section {
  readonly title: string
  /** Files from the root of the workspace. */
  readonly files: ReadonlyArray<string>
}

/** The sections of docs/README.md that hold tables of pages. */
export const sections = (text: string): ReadonlyArray<Section> =>
  text.split(/^## /m).flatMap((part) => {
    const title = part.slice(0, part.indexOf("\n")).trim()
    const files = [...part.matchAll(/^\| \[[^\]]*\]\(([\w./-]+\.md)\)/gm)].map(([, file = ""]) => `docs/${file}`)
    return files.length === 0 ? [] : [{ title, files }]
  })

/** Pages of docs that no section lists, without the decisions, which list themselves. */
export const unlisted = (all: ReadonlyArray<Page>, listed: ReadonlyArray<Section>): ReadonlyArray<Page> => {
  const known = new Set(["docs/README.md", ...listed.flatMap(({ files }) => files)])
  return all.filter(({ file }) => /^docs\/(?!decisions\/)/.test(file) && !known.has(file))
}

const linkOf = (route: string): string => `/${route.replace(/(^|\/)index$/, "$1")}`

const item = ({ file, route }: Page): DefaultTheme.SidebarItem => ({ text: titleOf(read(file)), link: linkOf(route) })

const guides = (all: ReadonlyArray<Page>): Array<DefaultTheme.SidebarItem> => {
  const listed = sections(read("docs/README.md"))
  const byFile = new Map(all.map((page) => [page.file, page]))
  const rest = unlisted(all, listed)
  const group = (text: string, list: ReadonlyArray<Page>, collapsed?: boolean): Array<DefaultTheme.SidebarItem> =>
    list.length === 0 ? [] : [{ text, items: list.map(item), ...(collapsed === undefined ? {} : { collapsed }) }]
  return [
    ...listed.flatMap(({ files, title }) =>
      group(
        title,
        files.flatMap((file) => byFile.get(file) ?? [])
      )
    ),
    // so that a page is found before its line in docs/README.md is written
    ...group("More", rest),
    ...group(
      "Packages",
      all.filter(({ file }) => file.startsWith("packages/")),
      true
    ),
    ...group(
      "Repository",
      all.filter(({ file }) => /^(?:[^/]+\.md|templates\/.*|bench\/.*)$/.test(file)),
      true
    )
  ]
}

const decisions = (all: ReadonlyArray<Page>): Array<DefaultTheme.SidebarItem> => [
  {
    text: "Decisions",
    link: "/decisions/",
    items: all
      .filter(({ file }) => /^docs\/decisions\/\d/.test(file))
      .map((page) => ({ text: titleOf(read(page.file)).replace(": ", " "), link: linkOf(page.route) }))
  }
]

/** The sidebar: by what a reader wants; the reference and the decisions have one of their own. */
export const sidebar = (reference: DefaultTheme.SidebarMulti): DefaultTheme.SidebarMulti => {
  const all = pages()
  return { ...reference, "/decisions/": decisions(all), "/": guides(all) }
}

export const nav: Array<DefaultTheme.NavItem> = [
  { text: "Start", link: "/quick-start", activeMatch: "^/(?:quick-start|concepts)" },
  { text: "Guides", link: "/contents", activeMatch: "^/(?!api/|decisions/|quick-start|concepts|$)" },
  { text: "API", link: "/api/", activeMatch: "^/api/" },
  { text: "Decisions", link: "/decisions/", activeMatch: "^/decisions/" }
]
