// @module-tag process
import { readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { changedFiles, packagesOf, withoutChangeset } from "../scripts/api/changes.ts"
import { readDeclarations } from "../scripts/api/Declarations.ts"
import { differences, freshReports, keptReports, reportOf } from "../scripts/api.ts"
import { published, root } from "../scripts/workspace.ts"

const read = (file: string): string => readFileSync(path.join(root, file), "utf8")

describe("the reports in api/", () => {
  it("are as the packages are (npm run api -- --write)", { timeout: 240_000 }, async () => {
    expect(differences(keptReports(), await freshReports())).toEqual([])
  })

  it("change only with a changeset that names the package", async () => {
    const names = new Map(published().map((pkg) => [reportOf(pkg), pkg.manifest.name]))
    expect(withoutChangeset(await changedFiles(), names, read)).toEqual([])
  })

  it("have an entry for every public module, and none for internal ones", () => {
    const headings = [...read("api/core.md").matchAll(/^## (@mortise\/core.*)$/gm)].map(([, name]) => name ?? "")
    expect(headings).toEqual(expect.arrayContaining(["@mortise/core", "@mortise/core/transport/Contract"]))
    expect(headings.filter((name) => name.includes("/internal/"))).toEqual([])
  })
})

describe("a difference", () => {
  const kept = new Map([
    ["api/a.md", "one\ntwo\n"],
    ["api/gone.md", "x"]
  ])

  it("is told with the first line that differs, for reports that are missing, and for those of nothing", () => {
    const fresh = new Map([
      ["api/a.md", "one\nthree\n"],
      ["api/b.md", "new"]
    ])
    expect(differences(kept, fresh)).toEqual([
      "api/a.md is out of date: line 2 would be: three",
      "api/b.md is missing",
      "api/gone.md is of no published package"
    ])
  })

  it("is none where all is the same", () => {
    expect(differences(kept, kept)).toEqual([])
  })
})

describe("a report that changed", () => {
  const names = new Map([
    ["api/core.md", "@mortise/core"],
    ["api/orm.md", "@mortise/orm"]
  ])
  const changesets = new Map([
    [".changeset/new.md", '---\n"@mortise/core": minor\ncreate-mortise: patch\n---\n\nMore.\n']
  ])
  const reader = (file: string) => changesets.get(file) ?? ""

  it("is refused without a changeset for its package, in a sentence that says what to do", () => {
    expect(withoutChangeset(["api/core.md", "api/orm.md", ".changeset/new.md"], names, reader)).toEqual([
      "api/orm.md has changed, and no changeset of this branch names @mortise/orm: run `npm run pnpm -- changeset`, or write one into .changeset/."
    ])
  })

  it("is taken with one", () => {
    expect(withoutChangeset(["api/core.md", ".changeset/new.md"], names, reader)).toEqual([])
  })

  it("reads the packages of a changeset from its front matter alone", () => {
    expect(packagesOf(changesets.get(".changeset/new.md") ?? "")).toEqual(["@mortise/core", "create-mortise"])
    expect(packagesOf('no front matter\n"@mortise/core": minor\n')).toEqual([])
  })
})

describe("declarations", () => {
  const source = `import type { A } from "./internal/a.ts";
/** What it is for. */
export interface Public {
    /** A field. */
    readonly a: A;

    readonly b: Hidden;
}
type Hidden = import("./internal/b.ts").B;
export { c as d } from "./c.ts";
export declare const one: number, two: string;
export {};
`
  const { imports, statements } = readDeclarations("x.d.ts", source)

  it("are read without comments and blank lines", () => {
    expect(statements[0]?.text).toBe("export interface Public {\n    readonly a: A;\n    readonly b: Hidden;\n}")
  })

  it("know what they declare, export and speak of", () => {
    expect(statements.map(({ declares, exported }) => [declares, exported])).toEqual([
      [["Public"], true],
      [["Hidden"], false],
      [[], true],
      [["one", "two"], true]
    ])
    expect([...(statements[0]?.names ?? [])]).toEqual(expect.arrayContaining(["A", "Hidden"]))
    expect(imports.get("A")).toEqual({ from: "./internal/a.ts", name: "A" })
    expect(statements[1]?.references).toEqual([{ from: "./internal/b.ts", name: "B" }])
    expect(statements[2]?.references).toEqual([{ from: "./c.ts", name: "c" }])
  })

  it("that do not parse are named", () => {
    expect(() => readDeclarations("broken.d.ts", "export interface {")).toThrow("broken.d.ts does not parse")
  })
})
