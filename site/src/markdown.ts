/** How Markdown becomes HTML: the same options for the site and for the check of links. */
import { readFileSync } from "node:fs"
import path from "node:path"
import type { MarkdownOptions, MarkdownRenderer } from "vitepress"
import { anchorOf } from "./anchor.ts"
import { makeSite, resolve, type Site } from "./links.ts"
import { namesFile } from "./places.ts"

interface Env {
  /** Of the page, from the folder of all pages: `packages/core.md`. */
  readonly relativePath?: string
}

/** The marks behind the language of a block: `file=server.ts run`, `signature=make`. */
const marksOf = (info: string): ReadonlyMap<string, string> =>
  new Map(
    [...info.matchAll(/(\w+)(?:="([^"]*)"|=(\S*))?/g)]
      .slice(1)
      .map(([, key = "", quoted, bare]) => [key, quoted ?? bare ?? ""])
  )

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? c)

const captionOf = (marks: ReadonlyMap<string, string>): string => {
  const file = marks.get("file")
  if (file === undefined) return ""
  const after = marks.get("after")
  const where = after === undefined ? "" : `, behind the line with <code>${escape(after)}</code>`
  return `<p class="file" v-pre><code>${escape(file)}</code>${where}</p>`
}

/** Links the names in a highlighted signature. `names`: what leads where, from the root of the site. */
const withLinks = (html: string, names: Readonly<Record<string, string>>, from: string, self: string): string => {
  const hrefs = new Map(Object.entries(names).filter(([name]) => name !== self))
  return html.replace(/>([^<>]+)</g, (whole, text: string) => {
    if (!/[A-Z]/.test(text)) return whole
    const linked = text.replace(/(?<![\w$"'`#-])[A-Z][\w$]*(?![\w$"'`])/g, (name) => {
      const address = hrefs.get(name)
      if (address === undefined) return name
      const [page = "", anchor] = address.slice(1).split("#")
      const file = path.posix.relative(path.posix.dirname(from), page.replace(/\.md$/, ".html"))
      return `<a href="${file}${anchor === undefined ? "" : `#${anchor}`}">${name}</a>`
    })
    return `>${linked}<`
  })
}

const readNames = (): Readonly<Record<string, Readonly<Record<string, string>>>> =>
  JSON.parse(readFileSync(namesFile, "utf8")) as Record<string, Record<string, string>>

/** Blocks without their marks; what the marks mean is shown. */
const blocks = (md: MarkdownRenderer): void => {
  const render = md.renderer.rules.fence
  if (render === undefined) return
  md.renderer.rules.fence = (tokens, i, options, env: Env, self) => {
    const token = tokens[i]
    if (token === undefined) return ""
    const marks = marksOf(token.info)
    token.info = /^\w*/.exec(token.info.trim())?.[0] ?? ""
    const html = render(tokens, i, options, env, self)
    const signature = marks.get("signature")
    return signature === undefined
      ? captionOf(marks) + html
      : `<div class="signature" data-name="${escape(signature)}">${html}</div><!--signature-->`
  }
}

/** Links what signatures name. Colours come last, so this is done to the whole page. */
const signatures = (md: MarkdownRenderer): void => {
  const render = md.renderAsync.bind(md)
  let names: ReturnType<typeof readNames> | undefined
  md.renderAsync = async (text, env: Env) => {
    const html = await render(text, env)
    const from = env?.relativePath ?? ""
    if (!html.includes(signatureStart)) return html
    names ??= readNames()
    const here = names[from.replace(/\.md$/, "")] ?? {}
    return html.replace(
      /<div class="signature" data-name="([^"]*)">([\s\S]*?)<\/div><!--signature-->/g,
      (_, self: string, code: string) => withLinks(code, here, from, self)
    )
  }
}

const signatureStart = `<div class="signature"`

/** Links of a file of the workspace lead to files; on the site they lead to pages, or nowhere. */
const links = (md: MarkdownRenderer, site: Site): void => {
  md.core.ruler.push("links-between-pages", ({ env, tokens }) => {
    const route = ((env as Env).relativePath ?? "").replace(/\.md$/, "")
    if (site.fileOf(route) === undefined) return
    for (const { children } of tokens) {
      let open = 0
      for (const token of children ?? []) {
        if (token.type === "link_close" && open > 0) {
          open--
          token.tag = "span"
        }
        if (token.type !== "link_open") continue
        const target = resolve(site, route, token.attrGet("href") ?? "")
        if (target.kind === "source") {
          open++
          token.type = "text_link_open"
          token.tag = "span"
          token.attrs = [["class", "source"]]
        } else if (target.kind === "page") {
          const anchor = target.anchor === undefined ? "" : `#${target.anchor}`
          token.attrSet("href", target.route === route && anchor !== "" ? anchor : `/${target.route}.md${anchor}`)
        }
      }
    }
  })
}

/** Vue reads the pages, and would take two braces for code. */
const braces = (md: MarkdownRenderer): void => {
  const render = md.renderer.rules.text
  md.renderer.rules.text = (tokens, i, options, env, self) =>
    (render?.(tokens, i, options, env, self) ?? escape(tokens[i]?.content ?? "")).replaceAll("{{", "&#123;&#123;")
}

export const markdown: MarkdownOptions = {
  html: false,
  linkify: false,
  anchor: { slugify: anchorOf },
  languageAlias: { hex: "txt" },
  theme: { light: "github-light", dark: "github-dark" },
  config: (md) => {
    blocks(md)
    signatures(md)
    links(md, makeSite())
    braces(md)
  }
}
