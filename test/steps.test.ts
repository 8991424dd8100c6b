// @module-tag process
import { describe, expect, it, vi } from "vitest"
import { programStep, runSteps, type Step } from "../scripts/Step.ts"
import { count, failures } from "../scripts/vitest.ts"
import { root } from "../scripts/workspace.ts"

const printed = async (steps: ReadonlyArray<Step>, width = 1) => {
  const log = vi.spyOn(console, "log").mockReturnValue()
  try {
    const { failed, passed } = await runSteps(steps, width)
    return { passed, failed, lines: log.mock.calls.map(([line]) => String(line)) }
  } finally {
    log.mockRestore()
  }
}

const step = (name: string, passed: number, failed: number): Step => ({
  name,
  run: () => Promise.resolve({ passed, failed, output: `output of ${name}` })
})

describe("steps", () => {
  it("are added up, and one that failed shows its output", async () => {
    const { failed, lines, passed } = await printed([step("a", 3, 0), step("b", 1, 2)])
    expect({ passed, failed }).toEqual({ passed: 4, failed: 2 })
    expect(lines.map((line) => line.replace(/[\d.]+ s/, "N s"))).toEqual(["✓ a (N s)", "✗ b (N s)", "output of b"])
  })

  it("fail when they throw, and the others still run", async () => {
    const broken: Step = { name: "broken", run: () => Promise.reject(new Error("no disk")) }
    const { failed, lines, passed } = await printed([broken, step("a", 1, 0)])
    expect({ passed, failed }).toEqual({ passed: 1, failed: 1 })
    expect(lines.join("\n")).toContain("no disk")
  })

  it("that are programs pass with exit code 0 and fail with any other", async () => {
    const exit = (code: number) => programStep(`exit ${code}`, process.execPath, ["-e", `process.exit(${code})`])
    expect(await printed([exit(0), exit(3)], 2)).toMatchObject({ passed: 1, failed: 1 })
    const missing = programStep("missing", "no-such-program", [])
    expect(await printed([missing])).toMatchObject({ passed: 0, failed: 1 })
  })
})

describe("what vitest reports", () => {
  const report = {
    numPassedTests: 5,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    success: true,
    testResults: [{ name: "a.test.ts", status: "passed", assertionResults: [{}] }]
  }

  it("names every test that failed, with the beginning of why", () => {
    const failed = (i: number) => ({ status: "failed", fullName: `a ${i}`, failureMessages: ["Error: []\n  at x"] })
    const file = { name: `${root}/test/a.test.ts`, status: "failed", assertionResults: [failed(1), {}, failed(2)] }
    const broken = { name: `${root}/b.test.ts`, status: "failed", assertionResults: [] }
    expect(failures({ ...report, testResults: [file, broken] })).toEqual([
      "✗ test/a.test.ts: a 1\n  Error: []",
      "✗ test/a.test.ts: a 2\n  Error: []",
      "✗ b.test.ts"
    ])
    const many = { ...file, assertionResults: Array.from({ length: 30 }, (_, i) => failed(i)) }
    expect(failures({ ...report, testResults: [many] })).toHaveLength(21)
    expect(failures({ ...report, testResults: [many] }).at(-1)).toBe("✗ and 10 more")
  })

  it("is counted by tests", () => {
    expect(count(report, 0)).toEqual({ passed: 5, failed: 0 })
    expect(count({ ...report, numFailedTests: 2 }, 1)).toEqual({ passed: 5, failed: 2 })
  })

  it("counts a file that broke before it had a test", () => {
    const broken = { name: "b.test.ts", status: "failed", assertionResults: [] }
    expect(count({ ...report, testResults: [...report.testResults, broken] }, 1)).toEqual({ passed: 5, failed: 1 })
  })

  it("counts one failure when only the exit code tells", () => {
    expect(count(report, 1)).toEqual({ passed: 5, failed: 1 })
  })
})
