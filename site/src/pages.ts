/** The Markdown of this workspace that becomes pages, and where each page stands on the site. */
import { existsSync, globSync, readFileSync } from "node:fs"
import path from "node:path"
import { published, root } from "../../scripts/workspace.ts"

export interface Page {
  /** From the root of the workspace: `docs/wire.md`. */
  readonly file: string
  /** Where it stands on the site, without an ending: `wire`. */
  readonly route: string
}

const glob = (pattern: string): ReadonlyArray<string> =>
  globSync(pattern, { cwd: root })
    .map((file) => file.replaceAll(path.sep, "/"))
    .toSorted()

const routeOf = (file: string): string => {
  if (file === "docs/README.md") return "contents"
  if (file.startsWith("docs/"))
    return file
      .slice("docs/".length)
      .replace(/\.md$/, "")
      .replace(/README$/, "index")
  // docs has pages of the same names: docs/security.md, SECURITY.md
  if (!file.includes("/")) return `repository/${file.replace(/\.md$/, "").toLowerCase()}`
  return file.replace(/\/README\.md$/, "")
}

/**
 * Every page that is written by hand: the texts at the root, all of `docs`, and the README of each package, template and of
 * the benchmarks. A new file is a page without being listed anywhere.
 */
export const pages = (): ReadonlyArray<Page> =>
  [
    ...glob("*.md"),
    ...glob("docs/**/*.md"),
    ...published().map(({ folder }) => `${folder}/README.md`),
    ...glob("templates/*/README.md"),
    "bench/README.md"
  ]
    .filter((file) => existsSync(path.join(root, file)))
    .map((file) => ({ file, route: routeOf(file) }))

export const read = (file: string): string => readFileSync(path.join(root, file), "utf8")

/** The text of the first heading, without marks. */
export const titleOf = (text: string): string => (/^# (.*)$/m.exec(text)?.[1] ?? "").replaceAll("`", "").trim()
