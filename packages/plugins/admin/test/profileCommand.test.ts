// In a file of its own: V8 forgets what it has counted for coverage when a session that profiles ends.
import { readFileSync, statSync } from "node:fs"
import path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { AdminCommandRefused, AdminProfileRefused } from "../src/AdminError.ts"
import { inProcess, withLog } from "./inProcess.ts"

describe("the owner's profiles", () => {
  it.live("are written into files that only the owner may read", () =>
    Effect.gen(function* () {
      const { fails, folder, says } = yield* inProcess
      const file = path.join(folder, "a.cpuprofile")
      const told = JSON.parse(yield* says("profile", "cpu", "--seconds", "1", "--out", "a.cpuprofile", "--json"))
      assert.deepStrictEqual(told, { path: file, bytes: statSync(file).size })
      assert.strictEqual(statSync(file).mode & 0o777, 0o600)
      assert.containsAllKeys(JSON.parse(readFileSync(file, "utf8")), ["nodes", "samples", "timeDeltas"])
      assert.match(yield* says("profile", "allocations", "--seconds", "1"), /\.heapprofile, .*\n.*panel Memory/)
      for (const [args, reason] of [
        [["profile"], /takes one word/],
        [["profile", "disk"], /takes one word/],
        [["profile", "cpu", "--seconds", "0"], /from 1 to 300/],
        [["profile", "heap", "--seconds", "2"], /of one moment/]
      ] as const) {
        const error = yield* fails(...args)
        assert.instanceOf(error, AdminCommandRefused)
        assert.match(error.message, reason)
      }
      const taken = yield* fails("profile", "cpu", "--seconds", "1", "--out", "a.cpuprofile")
      assert.instanceOf(taken, AdminProfileRefused)
      assert.match(taken.message, /is there already/)
      assert.match((yield* fails("profile", "cpu", "--out", "no/such/a.cpuprofile")).message, /does not exist/)
    }).pipe(withLog)
  )
})
