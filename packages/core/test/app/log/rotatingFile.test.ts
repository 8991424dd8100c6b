import * as fs from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "@effect/vitest"
import { RotatingFile, type RotatingFileOptions } from "../../../src/app/internal/log/RotatingFile.ts"
import type { TurnShape } from "../../../src/app/Turn.ts"

let folder: string
let file: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), "mortise-log-"))
  file = path.join(folder, "app.log")
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

/** Turns end when the test says so. */
class HeldTurn implements TurnShape {
  private tasks: Array<() => void> = []
  readonly now = () => 0
  readonly arm = () => assert.fail("no timer is needed")
  readonly schedule = (task: () => void) => void this.tasks.push(task)
  run(): void {
    const { tasks } = this
    this.tasks = []
    for (const task of tasks) task()
  }
}

const open = (options: Partial<RotatingFileOptions> = {}) => {
  const complaints: Array<string> = []
  const turn = new HeldTurn()
  const made = new RotatingFile(
    { path: file, maxBytes: 100, maxFiles: 2, daily: false, ...options },
    turn,
    (text) => void complaints.push(text)
  )
  return { made, complaints, turn }
}
const read = (name = "app.log") => fs.readFileSync(path.join(folder, name), "utf8")
const monday = "2026-01-12"
const tuesday = "2026-01-13"
const ten = (i: number) => `line ${String(i).padStart(4, "0")}`

describe("the file of a log", () => {
  it("is written at the end of the turn, its folder made, for its owner only, behind what it holds", () => {
    const { made, turn } = open({ path: path.join(folder, "a", "b.log") })
    made.write("one", monday)
    made.write("two", monday)
    assert.isFalse(fs.existsSync(path.join(folder, "a")))
    turn.run()
    assert.strictEqual(read("a/b.log"), "one\ntwo\n")
    assert.strictEqual(fs.statSync(path.join(folder, "a", "b.log")).mode & 0o777, 0o600)
    made.close()
    const again = open({ path: path.join(folder, "a", "b.log") })
    again.made.write("three", monday)
    again.made.close()
    assert.strictEqual(read("a/b.log"), "one\ntwo\nthree\n")
  })

  it("makes room when it is full: the youngest is .1, the oldest goes, and no line is cut or lost", () => {
    const { complaints, made } = open()
    for (let i = 0; i < 35; i++) made.write(ten(i), monday)
    made.close()
    const lines = ["app.log.2", "app.log.1", "app.log"].flatMap((name) => {
      const text = read(name)
      assert.isAtMost(Buffer.byteLength(text), 100)
      return text.trimEnd().split("\n")
    })
    assert.deepStrictEqual(
      lines,
      Array.from({ length: lines.length }, (_, i) => ten(35 - lines.length + i))
    )
    assert.isAtLeast(lines.length, 18)
    assert.deepStrictEqual(fs.readdirSync(folder).toSorted(), ["app.log", "app.log.1", "app.log.2"])
    assert.deepStrictEqual(complaints, [])
  })

  it("keeps a line longer than a file whole, and with no older files only the one", () => {
    const { made } = open({ maxFiles: 0 })
    made.write("short", monday)
    made.write("x".repeat(500), monday)
    made.write("last", monday)
    made.close()
    assert.deepStrictEqual(fs.readdirSync(folder), ["app.log"])
    assert.strictEqual(read(), "last\n")
  })

  it("begins with a day where it is to, also when the day changed while nobody wrote", () => {
    const { made } = open({ daily: true })
    made.write("monday", monday)
    made.write("tuesday", tuesday)
    made.close()
    assert.strictEqual(read("app.log.1"), "monday\n")
    assert.strictEqual(read(), "tuesday\n")
    const yesterday = new Date(`${monday}T12:00:00Z`)
    fs.utimesSync(file, yesterday, yesterday)
    const again = open({ daily: true })
    again.made.write("later", tuesday)
    again.made.close()
    assert.strictEqual(read("app.log.1"), "tuesday\n")
    assert.strictEqual(read(), "later\n")
  })

  it("is made again when it was removed or moved away, and its folder too", () => {
    const { complaints, made, turn } = open()
    made.write("one", monday)
    turn.run()
    fs.rmSync(file)
    made.write("two", monday)
    turn.run()
    assert.strictEqual(read(), "two\n")
    fs.renameSync(file, `${file}.moved`)
    made.write("three", monday)
    turn.run()
    assert.strictEqual(read(), "three\n")
    fs.rmSync(folder, { recursive: true })
    made.write("four", monday)
    turn.run()
    assert.strictEqual(read(), "four\n")
    made.close()
    assert.deepStrictEqual(complaints, [])
  })

  it("on a full disk says so once, drops lines, and goes on when there is room", () => {
    fs.symlinkSync("/dev/full", file)
    const { complaints, made, turn } = open()
    for (const line of ["one", "two", "three"]) {
      made.write(line, monday)
      turn.run()
    }
    assert.deepStrictEqual(complaints, [
      `the log file ${file} cannot be written (ENOSPC); its lines are lost until it can be`
    ])
    fs.rmSync(file)
    made.write("four", monday)
    turn.run()
    made.close()
    assert.strictEqual(read(), "four\n")
    assert.deepStrictEqual(complaints.slice(1), [`the log file ${file} is written again; 3 lines were lost`])
  })

  it("that cannot be opened is told of once, and does not throw", () => {
    fs.mkdirSync(file)
    const { complaints, made, turn } = open({ daily: true })
    for (let i = 0; i < 5; i++) {
      made.write("line", monday)
      turn.run()
    }
    made.close()
    assert.deepStrictEqual(complaints, [
      `the log file ${file} cannot be written (EISDIR); its lines are lost until it can be`
    ])
  })

  it("takes a flood without keeping it in memory", () => {
    const { made } = open({ maxBytes: 1_000_000_000 })
    const line = "x".repeat(1000)
    for (let i = 0; i < 1000; i++) made.write(line, monday)
    // no turn has ended
    assert.isAtLeast(fs.statSync(file).size, 900_000)
    made.close()
    assert.strictEqual(fs.statSync(file).size, 1_001_000)
  })
})
