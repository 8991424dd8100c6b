// @module-tag process
import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import type { Row } from "../report/Row.ts"

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}
const bench = (...args: ReadonlyArray<string>): Promise<Outcome> => benchIn(os.tmpdir(), ...args)
const benchIn = (folder: string, ...args: ReadonlyArray<string>): Promise<Outcome> =>
  new Promise((resolve) => {
    const file = fileURLToPath(new URL("../run.ts", import.meta.url))
    const all = ["--disable-warning=ExperimentalWarning", file, ...args]
    execFile(process.execPath, all, { env: { ...process.env, TMPDIR: folder } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    )
  })

describe("bench", () => {
  it("prints the rows of one case as one JSON array and nothing else", async () => {
    const { code, stderr, stdout } = await bench("transports", "--quick", "--json", "--case", "echo/tcp/json/64B/c1")
    assert.strictEqual(code, 0, stderr)
    const rows = JSON.parse(stdout) as ReadonlyArray<Row>
    assert.deepStrictEqual(
      rows.map((row) => row.subject),
      ["limit", "mortise-inline", "mortise-fiber", "mortise-suspends"]
    )
    for (const row of rows) {
      assert.hasAllKeys(row, ["case", "subject", "metric", "unit", "value", "ratioTo", "ratio", "runs"])
      assert.deepInclude(row, {
        case: "echo/tcp/json/64B/c1",
        metric: "server-cpu",
        unit: "us/message",
        ratioTo: "limit"
      })
      assert.isAbove(row.value, 0)
      assert.isAbove(row.ratio as number, 0)
      assert.isAbove(row.runs, 0)
    }
    assert.strictEqual(rows[0]?.ratio, 1)
  })

  it("leaves nothing in the temporary folder", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "mortise-bench-test-"))
    try {
      const { code, stderr } = await benchIn(
        folder,
        "transports",
        "--quick",
        "--case",
        "echo/unix/binary/64B/c1",
        "--subject",
        "limit"
      )
      assert.strictEqual(code, 0, stderr)
      assert.deepStrictEqual(readdirSync(folder), [])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.each([
    { args: [], says: "an area is needed" },
    { args: ["transport"], says: 'there is no area "transport"' },
    { args: ["transports", "--case", "echo/pigeon"], says: "no case of transports matches" },
    { args: ["transports", "--fast"], says: "--fast" }
  ])("refuses $args", async ({ args, says }) => {
    const { code, stderr, stdout } = await bench(...args)
    assert.strictEqual(code, 1)
    assert.strictEqual(stdout, "")
    assert.include(stderr, says)
    if (says.includes("area"))
      for (const area of ["transports", "types", "start", "crypto", "client-size"]) assert.include(stderr, `  ${area}`)
  })
})
