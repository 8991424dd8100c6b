// @module-tag process
// Secrets are put wherever an app can get them into a log from, and looked for wherever a log can come out.
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Run } from "../processes/Run.ts"

const program = fileURLToPath(new URL("../processes/logging.ts", import.meta.url))
const ready = `"event":"ready"`

let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), "mortise-log-"))
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const noCanary = (...texts: ReadonlyArray<string>) => {
  for (const text of texts) {
    assert.notMatch(text, /canary-\d+-k7/)
    assert.notMatch(text, /k7Qz/)
  }
}

const start = (scenario: string, settings: Record<string, unknown> = {}) => {
  const file = path.join(folder, `${scenario}-${Math.random()}.log`)
  const run = new Run(program, scenario, JSON.stringify({ file: { path: file }, ...settings }))
  return { run, read: () => fs.readFileSync(file, "utf8") }
}

const addressOf = (run: Run): string => {
  const event = run.events.find(({ event }) => event === "ready") as { listening: ReadonlyArray<{ address: string }> }
  return event.listening[0]!.address
}

describe.concurrent("secrets", () => {
  it("are in no line of JSON, on standard output or in the file, while the app runs and when it is gone", async () => {
    const { read, run } = start("well")
    using _ = run
    await run.says(ready)
    const answer = await fetch(`${addressOf(run)}/fail`)
    assert.strictEqual(answer.status, 500)
    noCanary(await answer.text())
    run.signal("SIGTERM")
    assert.strictEqual(await run.ended, 0)
    noCanary(run.out, run.err, read())
    assert.strictEqual(run.err, "")
    // every line is an object: events of the app, and lines of the log, which the file has too
    const objects = run.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    const logged = objects.filter(({ event }) => event === undefined)
    assert.strictEqual(read(), `${logged.map((line) => JSON.stringify(line)).join("\n")}\n`)
    const messages = logged.map(({ message }) => String(message).replace(/\(.*\)/, "(id)"))
    assert.deepStrictEqual(messages, [
      "said <redacted> and Bearer <redacted>",
      "argument",
      "cause",
      "annotated",
      "refused",
      "import failed",
      "export failed",
      "sign-in refused",
      "HTTP handler failed (id)",
      "drained",
      "talk closed"
    ])
    const failed = logged[8] as { category: string; error: { code: string } }
    assert.strictEqual(failed.category, "error")
    assert.strictEqual(failed.error.code, "TEST_REFUSED")
  })

  it("are in nothing that is pretty", async () => {
    const { read, run } = start("well", { format: "pretty", level: "debug" })
    using _ = run
    await run.says(ready)
    run.signal("SIGTERM")
    assert.strictEqual(await run.ended, 0)
    noCanary(run.out, run.err, read())
    assert.match(run.out, /INFO {2}operation {3}said <redacted>/)
    assert.match(run.out, /DEBUG operation {3}not at this level/)
    assert.notInclude(run.out, "\u001b")
  })

  it.each([
    ["start", 1, /could not start[\s\S]*TEST_REFUSED/],
    ["defect", 1, /could not start[\s\S]*TypeError: key <redacted> is wrong\n\s+at /]
  ])("are in no report of a failed start: %s", async (scenario, code, report) => {
    const { read, run } = start(scenario)
    using _ = run
    assert.strictEqual(await run.ended, code)
    noCanary(run.out, run.err, read())
    assert.match(run.err, report)
  })

  it("are in no report of a wrong configuration", async () => {
    const { run } = start("config")
    using _ = run
    assert.strictEqual(await run.ended, 78)
    noCanary(run.out, run.err)
    assert.include(run.err, "talk.key: expected string")
  })

  it("are in no report of a drain that breaks", async () => {
    const { read, run } = start("drain")
    using _ = run
    await run.says(ready)
    run.signal("SIGTERM")
    assert.strictEqual(await run.ended, 1)
    noCanary(run.out, run.err, read())
    assert.match(run.err, /drain step "talk" broke\n {2}TypeError: key <redacted> is wrong/)
    assert.include(read(), `"message":"drain step \\"talk\\" broke"`)
  })

  it("are in no report of an uncaught error, which the file has too", async () => {
    const { read, run } = start("well")
    using _ = run
    await run.says(ready)
    run.signal("SIGUSR2")
    assert.strictEqual(await run.ended, 1)
    noCanary(run.out, run.err, read())
    assert.match(run.err, /uncaught error\n {2}TypeError: key <redacted> is wrong/)
    assert.match(read(), /"level":"fatal","category":"error","message":"logging: uncaught error"/)
    assert.notInclude(run.out, "uncaught")
  })
})

describe.concurrent("App.run", () => {
  it("changes levels while it runs, for a fiber that is at work", async () => {
    const { run } = start("well")
    using _ = run
    await run.says(ready)
    assert.strictEqual((await fetch(`${addressOf(run)}/level`)).status, 200)
    await run.says(`"message":"after"`)
    assert.notInclude(run.out, `"message":"before"`)
  })

  it("puts lines where the configuration says", async () => {
    const { read, run } = start("well", { console: "stderr", levels: { operation: "none", security: "error" } })
    using _ = run
    await run.says(ready)
    run.signal("SIGTERM")
    assert.strictEqual(await run.ended, 0)
    assert.deepStrictEqual(
      run.events.map(({ event }) => event),
      ["ready", "stopping", "stopped"]
    )
    assert.strictEqual(run.err, read())
    assert.deepStrictEqual(
      run.err
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { message: string }).message),
      ["cause"]
    )
    const none = start("well", { console: "none" })
    using __ = none.run
    await none.run.says(ready)
    none.run.signal("SIGTERM")
    assert.strictEqual(await none.run.ended, 0)
    assert.strictEqual(none.run.lines.length, 3)
    assert.include(none.read(), `"message":"talk closed"`)
  })

  it("goes on when who reads its lines goes away", async () => {
    const { read, run } = start("well")
    using _ = run
    await run.says(ready)
    const address = addressOf(run)
    run.stopReading()
    assert.strictEqual((await fetch(`${address}/fail`)).status, 500)
    assert.strictEqual((await fetch(`${address}/fail`)).status, 500)
    run.signal("SIGTERM")
    assert.strictEqual(await run.ended, 0)
    assert.include(read(), `"message":"talk closed"`)
  })

  it("refuses a configuration of the log that is wrong, all of it at once", async () => {
    const { run } = start("well", { level: "loud", file: { path: "", maxBytes: 1 }, sampling: { request: {} } })
    using _ = run
    assert.strictEqual(await run.ended, 78)
    for (const key of ["log.level", "log.file.path", "log.file.maxBytes", "log.sampling.request.limit"]) {
      assert.include(run.err, `    ${key}: expected`)
    }
  })
})
