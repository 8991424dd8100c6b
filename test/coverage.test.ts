import { describe, expect, it } from "vitest"
import { floorsOf, judge } from "../scripts/coverage.ts"

const floor = { name: "a part", files: /^packages\/a\/src\/part\//, lines: 95 }

describe("a floor of coverage", () => {
  it("counts the lines of its own files", () => {
    const files = new Map([
      ["packages/a/src/part/x.ts", { total: 60, covered: 60 }],
      ["packages/a/src/part/y.ts", { total: 40, covered: 35 }],
      ["packages/a/src/other.ts", { total: 900, covered: 0 }]
    ])
    expect(judge(floor, files)).toEqual({ holds: true, line: "✓ a part: 95.0 % of 100 lines, the floor is 95 %" })
  })

  it("is broken by one line too few, and does not round up to itself", () => {
    const files = new Map([["packages/a/src/part/x.ts", { total: 10_000, covered: 9_499 }]])
    expect(judge(floor, files)).toEqual({ holds: false, line: "✗ a part: 94.9 % of 10000 lines, the floor is 95 %" })
  })

  it("is broken where nothing was measured", () => {
    expect(judge(floor, new Map([["packages/b/src/x.ts", { total: 1, covered: 1 }]]))).toEqual({
      holds: false,
      line: "✗ a part: no file was measured"
    })
  })
})

describe("the floors of the packages", () => {
  it("are one for each, and two more for core", () => {
    expect(floorsOf("packages/orm")).toEqual([{ name: "packages/orm", files: /^packages\/orm\/src\//, lines: 80 }])
    const core = floorsOf("packages/core")
    expect(core.map(({ lines, name }) => [name, lines])).toEqual([
      ["packages/core", 80],
      ["the data path", 95],
      ["Plugin", 95]
    ])
    expect(core[2]?.files.test("packages/core/src/app/Composition.ts")).toBe(true)
    expect(core[1]?.files.test("packages/core/src/transport/internal/framing.ts")).toBe(true)
  })
})
