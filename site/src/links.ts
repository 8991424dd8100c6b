/** Where the links of a page lead on the site. */
import { existsSync } from "node:fs"
import path from "node:path"
import { root } from "../../scripts/workspace.ts"
import { publicModules } from "./api/modules.ts"
import { pages } from "./pages.ts"

/**
 * `page`: another page, by its route. `outside`: another site. `source`: a file of the repository that is no page; there
 * is no address for it, so the site shows its text without a link. `missing`: nothing is there.
 */
export type Target =
  | { readonly kind: "page"; readonly route: string; readonly anchor: string | undefined }
  | { readonly kind: "outside" }
  | { readonly kind: "source" }
  | { readonly kind: "missing"; readonly file: string }

export interface Site {
  /** The route of a file of the workspace that is a page, or of a public module. */
  readonly routeOf: (file: string) => string | undefined
  /** The file that a page is made of; undefined for generated ones. */
  readonly fileOf: (route: string) => string | undefined
}

export const makeSite = (): Site => {
  const byFile = new Map(pages().map(({ file, route }) => [file, route]))
  const byRoute = new Map(pages().map(({ file, route }) => [route, file]))
  // the first page is made of parts of it
  byRoute.set("index", "README.md")
  for (const { route, source } of publicModules()) byFile.set(source, route)
  return { routeOf: (file) => byFile.get(file), fileOf: (route) => byRoute.get(route) }
}

/** `decisions/` is `decisions/index`, `wire.html` is `wire`. */
const routeAt = (address: string): string => address.replace(/\.(?:md|html)$/, "").replace(/(^|\/)$/, "$1index")

/** Where `href` leads from the page at `route`. Links that start with `/` are from the root of the site. */
export const resolve = (site: Site, route: string, href: string): Target => {
  if (/^[a-z][a-z+.-]*:|^\/\//i.test(href)) return { kind: "outside" }
  const [to = "", fragment] = href.split("#")
  const anchor = fragment === undefined || fragment === "" ? undefined : decodeURIComponent(fragment)
  if (to === "") return { kind: "page", route, anchor }
  if (to.startsWith("/")) return { kind: "page", route: routeAt(to.slice(1)), anchor }
  const from = site.fileOf(route)
  const file = path.posix.join(path.posix.dirname(from ?? route), decodeURIComponent(to))
  if (from === undefined) return { kind: "page", route: routeAt(file), anchor }
  const known = site.routeOf(file) ?? site.routeOf(path.posix.join(file, "README.md"))
  if (known !== undefined) return { kind: "page", route: known, anchor }
  return existsSync(path.join(root, file)) ? { kind: "source" } : { kind: "missing", file }
}
