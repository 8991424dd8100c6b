import { readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { evidence, features, problemsOf, statusPage } from "../scripts/status.ts"
import { root } from "../scripts/workspace.ts"

describe("docs/status.md", () => {
  it("names tests that are there", () => {
    expect(problemsOf(features(), evidence())).toEqual([])
  })

  it("is as old as what it is made of (npm run status -- --write)", () => {
    expect(readFileSync(path.join(root, "docs/status.md"), "utf8")).toBe(statusPage(features(), evidence()))
  })

  it("has every row of the five systems once", () => {
    const ids = features().map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const letters = Object.groupBy(ids, (id) => id.slice(0, 1))
    expect(Object.entries(letters).map(([letter, own]) => `${letter}${own?.length}`)).toEqual([
      "P42",
      "D25",
      "K21",
      "V27",
      "J24"
    ])
  })
})

describe("evidence", () => {
  const rows = [{ id: "P1", feature: "a server" }]
  const own = { file: "test/floors.test.ts", title: "hold in this workspace" }

  it.each([
    ["a feature that is none", { P9: { tests: [own] } }, "P9 is no feature of scripts/status/features.json"],
    ["no test", { P1: { tests: [] } }, "P1 names no test; a feature that nothing holds is left out of evidence.json"],
    [
      "a file that is gone",
      { P1: { tests: [{ ...own, file: "test/gone.test.ts" }] } },
      "P1 names test/gone.test.ts, which is not there"
    ],
    [
      "a test that was renamed",
      { P1: { tests: [{ ...own, title: "held in this workspace" }] } },
      'P1 names "held in this workspace", which is no test of test/floors.test.ts'
    ]
  ])("with %s is told", (_, held, problem) => {
    expect(problemsOf(rows, held)).toEqual([problem])
  })

  it("is held, in part, or not yet", () => {
    const three = [...rows, { id: "P2", feature: "a | b" }, { id: "P3", feature: "c" }]
    const page = statusPage(three, { P1: { tests: [own] }, P2: { tests: [own], missing: "b" } })
    expect(page).toContain("| PySocketCommLib (P) | 3 | 1 | 1 | 1 |")
    expect(page).toContain("| P2 | a \\| b | [hold in this workspace](../test/floors.test.ts)<br>**not yet:** b |")
    expect(page).toContain("| P3 | c | **not yet** |")
  })
})
