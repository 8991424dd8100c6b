/** Follows the links of the pages before the site is built, so that what is broken is told by its file and line. */
import { createMarkdownRenderer, type MarkdownRenderer } from "vitepress"
import type { Problem } from "./api/reference.ts"
import { makeSite, resolve, type Site } from "./links.ts"
import { markdown } from "./markdown.ts"
import { staged } from "./places.ts"

export interface Link {
  readonly line: number
  readonly href: string
}

export interface Parsed {
  readonly links: ReadonlyArray<Link>
  readonly anchors: ReadonlySet<string>
}

/** A renderer with the headings and anchors of the site, but with links as they are written. */
export const makeParser = async (): Promise<(text: string) => Parsed> => {
  const { config: _, ...options } = markdown
  const md = await createMarkdownRenderer(staged, options)
  return (text) => parse(md, text)
}

const parse = (md: MarkdownRenderer, text: string): Parsed => {
  const links: Array<Link> = []
  const anchors = new Set<string>()
  // what is before the first heading is configuration, and goes away with its lines
  const front = /^---\n[\s\S]*?\n---\n/.exec(text)?.[0] ?? ""
  const offset = front.split("\n").length - 1
  let line = 0
  for (const token of md.parse(text.slice(front.length), {})) {
    if (token.map !== null && token.nesting >= 0) line = token.map[0] + 1
    if (token.type === "heading_open") anchors.add(String(token.attrGet("id")))
    let at = line
    for (const child of token.children ?? []) {
      if (child.type === "softbreak" || child.type === "hardbreak") at++
      const href =
        child.type === "link_open" ? child.attrGet("href") : child.type === "image" ? child.attrGet("src") : null
      if (href !== null && child.attrGet("class") !== "header-anchor") links.push({ line: at + offset, href })
    }
  }
  return { links, anchors }
}

/** The links of a page that lead nowhere. `anchorsOf`: the anchors of the page at a route; undefined: there is no such page. */
export const brokenLinks = (
  site: Site,
  route: string,
  links: ReadonlyArray<Link>,
  anchorsOf: (route: string) => ReadonlySet<string> | undefined
): ReadonlyArray<Problem> => {
  const file = site.fileOf(route) ?? `${route}.md of the reference`
  return links.flatMap(({ href, line }) => {
    const target = resolve(site, route, href)
    if (target.kind === "missing")
      return [{ file, line, message: `the link ${href} leads nowhere: there is no ${target.file}` }]
    if (target.kind !== "page") return []
    const anchors = anchorsOf(target.route)
    if (anchors === undefined) return [{ file, line, message: `the link ${href} leads nowhere: there is no such page` }]
    if (target.anchor === undefined || anchors.has(target.anchor)) return []
    return [
      {
        file,
        line,
        message: `the link ${href} leads nowhere: ${site.fileOf(target.route) ?? target.route} has no #${target.anchor}`
      }
    ]
  })
}

/** Every broken link of `texts`, the Markdown of all pages by their routes. */
export const checkLinks = async (texts: ReadonlyMap<string, string>): Promise<ReadonlyArray<Problem>> => {
  const read = await makeParser()
  const site = makeSite()
  const parsed = new Map([...texts].map(([route, text]) => [route, read(text)]))
  return [...parsed]
    .filter(([route]) => route !== "index")
    .flatMap(([route, { links }]) => brokenLinks(site, route, links, (to) => parsed.get(to)?.anchors))
}
