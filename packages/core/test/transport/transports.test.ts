import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Memory from "../../src/transport/Memory.ts"
import * as Transports from "../../src/transport/Transports.ts"

const named = (name: string) => Memory.make({ name }).listener

describe("Transports", () => {
  it.effect("keeps listeners in the order in which they were added", () =>
    Effect.gen(function* () {
      const transports = yield* Transports.Transports
      const unix = named("unix")
      yield* transports.add(unix)
      yield* transports.add(named("websocket"))
      const names = (yield* transports.list).map(({ name }) => name)
      assert.deepEqual(names, ["tcp", "unix", "websocket"])
      assert.equal(yield* transports.get("unix"), unix)
    }).pipe(Effect.provide(Transports.layer(named("tcp"))))
  )

  it.effect("lists what it has, and the nearest, for a name that it does not know", () =>
    Effect.gen(function* () {
      const transports = yield* Transports.Transports
      const error = yield* Effect.flip(transports.get("websockets"))
      assert.equal(error.code, "TRANSPORT_UNKNOWN_TRANSPORT")
      assert.equal(error.transport, "websockets")
      assert.match(error.message, /there are tcp, websocket/)
      assert.match(error.message, /did you mean "websocket"\?/)
      const far = yield* Effect.flip(transports.get("carrier-pigeon"))
      assert.match(far.message, /there are tcp, websocket/)
      assert.doesNotMatch(far.message, /did you mean/)
    }).pipe(Effect.provide(Transports.layer(named("tcp"), named("websocket"))))
  )

  it.effect("refuses a second listener of the same name and keeps the first", () =>
    Effect.gen(function* () {
      const transports = yield* Transports.Transports
      const first = yield* transports.get("tcp")
      const error = yield* Effect.flip(transports.add(named("tcp")))
      assert.equal(error.reason, "listen")
      assert.match(error.message, /"tcp" already.*option "name"/)
      assert.equal(yield* transports.get("tcp"), first)
    }).pipe(Effect.provide(Transports.layer(named("tcp"))))
  )

  it.effect("says so when there is none", () =>
    Effect.gen(function* () {
      const transports = yield* Transports.Transports
      assert.deepEqual(yield* transports.list, [])
      const error = yield* Effect.flip(transports.get("tcp"))
      assert.match(error.message, /none is installed/)
    }).pipe(Effect.provide(Transports.layer()))
  )

  it.effect("picks installed listeners by name, in the order of the names", () =>
    Effect.gen(function* () {
      const installed = [named("tcp"), named("unix"), named("websocket")]
      const picked = yield* Transports.fromConfig(installed, ["websocket", "tcp"])
      assert.deepEqual(picked, [installed[2], installed[0]])
      const error = yield* Effect.flip(Transports.fromConfig(installed, ["tcp", "unlx"]))
      assert.equal(error.reason, "unknown-transport")
      assert.match(error.message, /"unlx".*tcp, unix, websocket.*did you mean "unix"/)
    })
  )
})
