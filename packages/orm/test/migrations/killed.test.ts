// @module-tag process
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import path from "node:path"
import { describe, it } from "@effect/vitest"
import { Orm, run } from "@mortise/core/orm/Orm"
import * as Query from "@mortise/core/orm/Query"
import * as Effect from "effect/Effect"
import * as Migrations from "../../src/migrations/Migrations.ts"
import { harnesses } from "./harness.ts"
import { app, Post1, Post2, through, User1, User2 } from "./stories.ts"

const script = path.join(import.meta.dirname, "..", "processes", "migrate.ts")

const migrate = (...args: ReadonlyArray<string>) =>
  Effect.promise(
    () =>
      new Promise<{ readonly signal: string | null; readonly out: string }>((resolve) => {
        const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] })
        let out = ""
        child.stdout.on("data", (chunk) => (out += chunk))
        child.on("close", (_, signal) => resolve({ signal, out }))
      })
  )

for (const harness of harnesses) {
  describe(`migrations by processes on ${harness.dialect}`, () => {
    it.live(
      "are undone when the process is killed at any operation, and done when it runs again",
      () =>
        Effect.gen(function* () {
          const [first, last] = yield* through([User1, Post1], [User2, Post2])
          const before = [app([User1, Post1], [first!])]
          for (let at = 0; at <= last!.operations.length; at++) {
            yield* Effect.scoped(
              Effect.gen(function* () {
                const place = yield* harness.place
                yield* Effect.scoped(
                  Effect.gen(function* () {
                    const orm = yield* harness.open(place)
                    yield* Effect.gen(function* () {
                      yield* Migrations.up(before)
                      const [user] = yield* run(Query.insert(User1).returning(), { nick: "ann" }).pipe(
                        Effect.map((row) => [row])
                      )
                      yield* run(Query.insert(Post1), { author: user!.id, title: "hello" })
                    }).pipe(Effect.provideService(Orm, orm))
                  })
                )
                assert.equal((yield* migrate(harness.dialect, place, String(at))).signal, "SIGKILL")
                const orm = yield* harness.open(place)
                yield* Effect.gen(function* () {
                  // nothing of it is there
                  assert.deepEqual(yield* run(Query.from(User1)), [{ id: 1, nick: "ann", legacy: null }])
                  assert.equal((yield* migrate(harness.dialect, place)).out, "1\n")
                  assert.deepEqual(yield* run(Query.from(User2)), [
                    { id: 1, name: "ann", role: "member", legacy: null }
                  ])
                  assert.equal((yield* run(Query.from(Post2))).length, 1)
                }).pipe(Effect.provideService(Orm, orm))
              })
            )
          }
        }),
      120_000
    )

    it.live(
      "are done once by processes that start together",
      () =>
        Effect.gen(function* () {
          const place = yield* harness.place
          const all = yield* Effect.all(
            [1, 2, 3].map(() => migrate(harness.dialect, place)),
            { concurrency: 3 }
          )
          assert.deepEqual(all.map(({ out }) => out).sort(), ["0\n", "0\n", "2\n"])
        }).pipe(Effect.scoped),
      60_000
    )
  })
}
