import { existsSync } from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "../../scripts/workspace.ts"
import { type Page, pages, parse } from "./Page.ts"

/** Relative links of a page that lead nowhere. */
const broken = (page: Page): ReadonlyArray<string> =>
  page.links.flatMap(({ line, target }) => {
    const [to = "", anchor] = target.split("#")
    const file = to === "" ? page.file : path.posix.join(path.posix.dirname(page.file), to)
    if (file !== page.file && !existsSync(path.join(root, file))) return [`line ${line}: there is no ${file}`]
    if (anchor === undefined) return []
    const there = file === page.file ? page : pages.find((page) => page.file === file)
    return there?.anchors.has(anchor) === true ? [] : [`line ${line}: ${file} has no heading #${anchor}`]
  })

describe("links and anchors", () => {
  it.each(pages.map((page) => [page.file, page] as const))("%s", (_, page) => {
    expect(broken(page)).toEqual([])
  })

  it("are found broken where they are", () => {
    const page = parse(
      "docs/here.md",
      "# Here\n[a](there.md) [b](#here) [c](#nowhere)\n`[d](no.md)`\n[e](wire.md#3-hello)"
    )
    expect(broken(page)).toEqual(["line 2: there is no docs/there.md", "line 2: docs/here.md has no heading #nowhere"])
  })

  it("lead from the README to every page of docs", () => {
    const seen = new Set<string>()
    const visit = (file: string): void => {
      if (seen.has(file)) return
      seen.add(file)
      const page = pages.find((page) => page.file === file)
      for (const { target } of page?.links ?? [])
        visit(path.posix.join(path.posix.dirname(file), target.split("#")[0] ?? ""))
    }
    visit("README.md")
    expect(pages.map(({ file }) => file).filter((file) => !seen.has(file))).toEqual([])
  })
})
