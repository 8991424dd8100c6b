import { describe, expect, it } from "vitest"
import { type Figure, figures, judgeFigures } from "../scripts/release/bench.ts"
import { runChecks } from "../scripts/release/Check.ts"
import { judgePlan, type ReleasePlan } from "../scripts/release/changelog.ts"

describe("the checklist", () => {
  it("prints a line for each check and why one does not hold, runs all, and names those that do not", async () => {
    const lines: Array<string> = []
    const broken = await runChecks(
      [
        { name: "a", about: "", run: () => Promise.resolve({ found: "3 things", problems: [] }) },
        { name: "b", about: "", run: () => Promise.resolve({ found: "", problems: ["one\ntwo", "three"] }) },
        { name: "c", about: "", run: () => Promise.reject(new Error("no disk")) },
        { name: "d", about: "", run: () => Promise.resolve({ found: "all", problems: [] }) }
      ],
      (line) => lines.push(line)
    )
    expect(lines).toEqual(["✓ a: 3 things", "✗ b", "    one\n    two", "    three", "✗ c", "    no disk", "✓ d: all"])
    expect(broken).toEqual(["b", "c"])
  })
})

describe("what the changesets would make", () => {
  const release = (name: string, newVersion = "0.2.0", type = "minor") => ({
    name,
    type,
    oldVersion: "0.1.0",
    newVersion
  })
  const changeset = { id: "new", summary: "More.", releases: [{ name: "core" }] }
  const plan = (more: Partial<ReleasePlan>): ReleasePlan => ({
    changesets: [changeset],
    releases: [release("core"), release("orm"), release("private", "9.9.9")],
    ...more
  })

  it("is one new version of every package", () => {
    expect(judgePlan(plan({}), ["core", "orm"])).toEqual({ found: "1 changesets, 0.1.0 → 0.2.0", problems: [] })
  })

  it.each([
    ["nothing to release", { changesets: [] }, "there is no changeset in .changeset/, so there is nothing to release"],
    [
      "a changeset without a word",
      { changesets: [{ ...changeset, summary: " \n" }] },
      ".changeset/new.md says nothing"
    ],
    [
      "two versions",
      { releases: [release("core"), release("orm", "0.1.1")] },
      "the packages would get different versions: 0.2.0, 0.1.1"
    ],
    [
      "a package that stays behind",
      { releases: [release("core"), release("orm", "0.1.0", "none")] },
      "orm would stay behind: every package has the one version"
    ]
  ])("is refused with %s", (_, more, problem) => {
    expect(judgePlan(plan(more), ["core", "orm"]).problems).toEqual([problem])
  })
})

describe("the bench guard", () => {
  const figure: Figure = {
    area: "a",
    case: "echo",
    subject: "mortise",
    metric: "cpu",
    what: "ratio",
    recorded: 2,
    tolerance: 0.25
  }
  const row = (ratio: number | null, value = 7) => ({ case: "echo", subject: "mortise", metric: "cpu", value, ratio })

  it("takes what is as recorded, better, or worse within the tolerance", () => {
    for (const ratio of [1, 2, 2.5]) expect(judgeFigures([figure], [row(ratio)])).toEqual([])
  })

  it("tells what is worse than that, with both figures and the bound", () => {
    expect(judgeFigures([figure], [row(2.6)])).toEqual(["echo, mortise: cpu is 2.6, recorded is 2 (bound 2.5)"])
  })

  it("turns around where more is better, and reads the value itself where that is kept", () => {
    const rate: Figure = { ...figure, what: "value", recorded: 100, moreIsBetter: true }
    expect(judgeFigures([rate], [row(null, 80)])).toEqual([])
    expect(judgeFigures([rate], [row(null, 79)])).toEqual(["echo, mortise: cpu is 79, recorded is 100 (bound 80)"])
  })

  it("does not pass over a figure that the run lacks", () => {
    const words = "echo, mortise: the run has no ratio of cpu"
    expect(judgeFigures([figure], [])).toEqual([words])
    expect(judgeFigures([figure], [row(null)])).toEqual([words])
  })

  it("has figures with a bound, each once", () => {
    const kept = figures()
    expect(kept.length).toBeGreaterThan(0)
    for (const { recorded, tolerance } of kept) {
      expect(recorded).toBeGreaterThan(0)
      expect(tolerance).toBeGreaterThanOrEqual(0)
    }
    expect(new Set(kept.map((one) => `${one.case} ${one.subject} ${one.metric} ${one.what}`)).size).toBe(kept.length)
  })
})
