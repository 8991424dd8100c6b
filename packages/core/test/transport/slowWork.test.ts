import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Entry } from "../../src/app/LogSink.ts"
import * as LoopDelay from "../../src/app/LoopDelay.ts"
import { Turn } from "../../src/app/Turn.ts"
import * as Client from "../../src/client/Client.ts"
import * as ManualTurn from "../../src/testing/ManualTurn.ts"
import { turns, until } from "../../src/testing/until.ts"
import * as Contract from "../../src/transport/Contract.ts"
import * as Gateway from "../../src/transport/Gateway.ts"
import * as Memory from "../../src/transport/Memory.ts"
import * as Transports from "../../src/transport/Transports.ts"
import { inLog } from "../app/log/lines.ts"

const Desk = Contract.make("desk", {
  requests: {
    slow: { concurrency: 64, payload: { gate: Schema.String } },
    other: { concurrency: 64, payload: { gate: Schema.String } },
    inTurn: { payload: { gate: Schema.String } },
    atOnce: { payload: { millis: Schema.Int } },
    endless: { success: Schema.Int, stream: true }
  }
})

const withDesk = <E>(
  slowHandlerMillis: number,
  use: (given: {
    readonly client: Client.Client<typeof Desk.spec>
    readonly turn: ManualTurn.ManualTurn
    readonly lines: ReadonlyArray<Entry>
    readonly open: (gate: string) => Effect.Effect<void>
    readonly entered: () => number
    readonly suspects: (millis: number) => ReadonlyArray<LoopDelay.Suspect>
  }) => Effect.Effect<void, E>
) =>
  inLog((lines) =>
    Effect.scoped(
      Effect.gen(function* () {
        const turn = yield* ManualTurn.make
        const witnesses = new Set<LoopDelay.Witness>()
        const gates = new Map<string, Deferred.Deferred<void>>()
        let entered = 0
        const gate = (name: string) =>
          Effect.suspend(() => {
            entered++
            const found = gates.get(name) ?? Deferred.makeUnsafe<void>()
            gates.set(name, found)
            return Deferred.await(found)
          })
        const live = Contract.implement(Desk, {
          slow: ({ gate: name }) => gate(name),
          other: ({ gate: name }) => gate(name),
          inTurn: ({ gate: name }) => gate(name),
          atOnce: ({ millis }) => Effect.sync(() => turn.advance(millis)),
          endless: () => Stream.never
        })
        yield* Effect.gen(function* () {
          const memory = Memory.make()
          const context = yield* Layer.build(
            Layer.merge(Gateway.layer({ slowHandlerMillis }), Transports.layer(memory.listener))
          )
          yield* Effect.provideContext(Gateway.serve(live), context)
          const client = yield* Client.make(Desk, memory.connector)
          yield* use({
            client,
            turn,
            lines,
            entered: () => entered,
            open: (name) => Effect.asVoid(Deferred.succeed(gates.get(name) as Deferred.Deferred<void>, undefined)),
            suspects: (millis) => [...witnesses].flatMap((witness) => witness(millis))
          })
        }).pipe(Effect.provideService(Turn, turn), Effect.provideService(LoopDelay.Witnesses, witnesses))
      })
    )
  )

/** Messages and durations of what was told of slow handlers. */
const told = (lines: ReadonlyArray<Entry>) =>
  lines.map(({ fields, level, message }) => ({ level, message, more: fields?.more }))

describe("slow handlers", () => {
  it.live("are told by the name of their message, with the time they took", () =>
    withDesk(1000, ({ client, entered, lines, open, turn }) =>
      Effect.gen(function* () {
        const asked = yield* Effect.forkChild(client.request.slow({ gate: "a" }))
        yield* until("the handler runs", () => entered() === 1)
        turn.advance(1500)
        yield* open("a")
        yield* Fiber.join(asked)
        assert.deepStrictEqual(told(lines), [{ level: "Warn", message: "desk.slow took 1500 ms", more: undefined }])
        const [line] = lines
        assert.strictEqual(line?.category, "performance")
        assert.deepInclude(line?.fields, { message: "desk.slow", durationMillis: 1500 })
      })
    )
  )

  it.live("are not told when they took less, nor when told off", () =>
    Effect.gen(function* () {
      const once = (slowHandlerMillis: number, millis: number) =>
        withDesk(slowHandlerMillis, ({ client, entered, lines, open, turn }) =>
          Effect.gen(function* () {
            const asked = yield* Effect.forkChild(client.request.slow({ gate: "a" }))
            yield* until("the handler runs", () => entered() === 1)
            turn.advance(millis)
            yield* open("a")
            yield* Fiber.join(asked)
            yield* turns(3)
            assert.deepStrictEqual(lines, [])
          })
        )
      yield* once(1000, 999)
      yield* once(0, 20_000)
    })
  )

  it.live("are told once a second for each message, and then how many there were", () =>
    withDesk(1000, ({ client, entered, lines, open, turn }) =>
      Effect.gen(function* () {
        const names = ["a", "b", "c"]
        const asked = yield* Effect.forEach(names, (gate) => Effect.forkChild(client.request.slow({ gate })))
        const other = yield* Effect.forkChild(client.request.other({ gate: "o" }))
        yield* until("the handlers run", () => entered() === 4)
        turn.advance(2000)
        yield* Effect.forEach([...names, "o"], open, { discard: true })
        yield* Effect.forEach([...asked, other], (fiber) => Fiber.join(fiber), { discard: true })
        assert.sameMembers(
          lines.map(({ message }) => message),
          ["desk.slow took 2000 ms", "desk.other took 2000 ms"]
        )
        const last = yield* Effect.forkChild(client.request.slow({ gate: "d" }))
        yield* until("the handler runs", () => entered() === 5)
        turn.advance(3000)
        yield* open("d")
        yield* Fiber.join(last)
        assert.deepStrictEqual(told(lines).at(-1), { level: "Warn", message: "desk.slow took 3000 ms", more: 2 })
      })
    )
  )

  it.live("are told when they were interrupted by their deadline", () =>
    withDesk(1000, ({ client, entered, lines, turn }) =>
      Effect.gen(function* () {
        const asked = yield* Effect.forkChild(Effect.exit(client.request.slow({ gate: "never" })))
        yield* until("the handler runs", () => entered() === 1)
        turn.advance(31_000)
        yield* Fiber.join(asked)
        yield* until("it was told", () => lines.length === 1)
        assert.match(String(lines[0]?.message), /^desk\.slow took 3\d{4} ms$/)
      })
    )
  )
})

describe("who held up the event loop", () => {
  it.live("may be a message of that turn; the next time it is known for certain", () =>
    withDesk(1000, ({ client, suspects }) =>
      Effect.gen(function* () {
        yield* client.request.atOnce({ millis: 300 })
        yield* turns(2)
        assert.deepStrictEqual(suspects(310), [{ what: "desk.atOnce", certain: false }])
        assert.deepStrictEqual(suspects(600), [])
        yield* client.request.atOnce({ millis: 400 })
        assert.deepStrictEqual(suspects(400), [{ what: "desk.atOnce", certain: true }])
      })
    )
  )

  it.live("is no message that was handled just before, once messages are timed", () =>
    withDesk(1000, ({ client, suspects, turn }) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(suspects(300), [])
        yield* turns(2)
        yield* client.request.atOnce({ millis: 1 })
        turn.advance(300)
        assert.deepStrictEqual(suspects(300), [])
      })
    )
  )

  it.live("may be a message that had to wait for its turn", () =>
    withDesk(1000, ({ client, entered, open, suspects }) =>
      Effect.gen(function* () {
        suspects(300)
        yield* turns(2)
        const first = yield* Effect.forkChild(client.request.inTurn({ gate: "a" }))
        yield* until("the first one runs", () => entered() === 1)
        const second = yield* Effect.forkChild(client.request.atOnce({ millis: 300 }))
        yield* turns(3)
        yield* open("a")
        yield* Fiber.join(first)
        yield* Fiber.join(second)
        assert.deepStrictEqual(suspects(300), [{ what: "desk.atOnce", certain: true }])
      })
    )
  )

  it.live("is forgotten after a while, and a quick message is no suspect", () =>
    withDesk(1000, ({ client, suspects, turn }) =>
      Effect.gen(function* () {
        yield* client.request.atOnce({ millis: 300 })
        yield* turns(2)
        turn.advance(2500)
        assert.deepStrictEqual(suspects(300), [])
        yield* client.request.atOnce({ millis: 0 })
        yield* turns(2)
        assert.deepStrictEqual(suspects(300), [])
      })
    )
  )

  it.live("may be what is under way or has ended since, but no stream", () =>
    withDesk(1000, ({ client, entered, open, suspects, turn }) =>
      Effect.gen(function* () {
        const stopped = yield* Effect.forkChild(Stream.runDrain(client.request.endless()))
        yield* Effect.forkChild(Stream.runDrain(client.request.endless()))
        const asked = yield* Effect.forkChild(client.request.slow({ gate: "a" }))
        yield* Effect.forkChild(client.request.other({ gate: "b" }))
        yield* Effect.forkChild(client.request.other({ gate: "c" }))
        yield* until("the handlers run", () => entered() === 3)
        yield* turns(2)
        turn.advance(400)
        yield* open("a")
        yield* Fiber.join(asked)
        // one that has ended, too
        yield* Fiber.interrupt(stopped)
        yield* turns(3)
        assert.deepStrictEqual(suspects(400), [
          { what: "desk.slow", certain: false },
          { what: "desk.other", certain: false }
        ])
      })
    )
  )
})
