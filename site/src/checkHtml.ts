/** Follows every link of the built site, those of bars and lists included: what the browser sees is what is looked at. */
import { globSync, readFileSync } from "node:fs"
import path from "node:path"
import type { Problem } from "./api/reference.ts"

const unescape = (text: string): string =>
  text.replace(
    /&(?:amp|lt|gt|quot|#39);/g,
    (entity) => ({ "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" })[entity] ?? entity
  )

/** Every link and every file that a page of `folder` names and that is not there. */
export const checkHtml = (folder: string): ReadonlyArray<Problem> => {
  const all = globSync("**/*", { cwd: folder }).map((file) => file.replaceAll(path.sep, "/"))
  const files = new Set(all)
  const texts = new Map(
    all.filter((file) => file.endsWith(".html")).map((file) => [file, readFileSync(path.join(folder, file), "utf8")])
  )
  const ids = new Map(
    [...texts].map(([file, text]) => [
      file,
      new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id = ""]) => unescape(id)))
    ])
  )
  const fileAt = (file: string): string | undefined =>
    [file, `${file}.html`, path.posix.join(file, "index.html")].find(
      (candidate) => files.has(candidate) && candidate !== ""
    )
  return [...texts].flatMap(([from, text]) => {
    const targets = new Set([...text.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, href = ""]) => unescape(href)))
    return [...targets].flatMap((href) => {
      if (/^[a-z][a-z+.-]*:|^\/\//i.test(href)) return []
      const [to = "", anchor = ""] = href.split("#").map(decodeURIComponent)
      const at = to === "" ? from : to.startsWith("/") ? to.slice(1) : path.posix.join(path.posix.dirname(from), to)
      const file = fileAt(at === "" || at === "./" ? "index.html" : at.replace(/\/$/, "/index.html"))
      const broken =
        file === undefined
          ? `there is no ${at}`
          : anchor === "" || ids.get(file)?.has(anchor)
            ? undefined
            : `${file} has no #${anchor}`
      return broken === undefined ? [] : [{ file: from, line: 0, message: `the link ${href} leads nowhere: ${broken}` }]
    })
  })
}
