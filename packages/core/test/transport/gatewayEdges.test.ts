import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import * as Client from "../../src/client/Client.ts"
import { until } from "../../src/testing/until.ts"
import * as Contract from "../../src/transport/Contract.ts"
import * as Gateway from "../../src/transport/Gateway.ts"
import { JsonWire } from "../../src/transport/JsonWire.ts"
import * as Memory from "../../src/transport/Memory.ts"
import type { Connection } from "../../src/transport/Transport.ts"
import * as Transports from "../../src/transport/Transports.ts"

const Edge = Contract.make("edge", { requests: { join: { success: Schema.Int }, late: { detached: true } } })
const silent = { onFrame: () => {}, onDrain: () => {}, onClose: () => {} }

const setup = Effect.fnUntraced(function* (memory: Memory.Memory, options: Gateway.Options = {}) {
  const log: Array<string> = []
  const go = yield* Deferred.make<void>()
  const edge = Contract.implement(
    Edge,
    {
      join: () =>
        Effect.sync(() => {
          log.push("join")
          return 1
        }),
      late: () =>
        Effect.sync(() => log.push("late")).pipe(
          Effect.andThen(Deferred.await(go)),
          Effect.andThen(Effect.die(new Error("too late")))
        )
    },
    { closed: () => Effect.sync(() => void log.push("closed")) }
  )
  const context = yield* Layer.build(Layer.merge(Gateway.layer(options), Transports.layer(memory.listener))).pipe(
    Effect.provide(Logger.layer([Logger.make(({ message }) => void log.push(String(message)))]))
  )
  yield* Effect.provideContext(Gateway.serve(edge), context)
  return { go, log, gateway: Context.get(context, Gateway.Gateway) }
})

const text = (bytes: Uint8Array, start: number, end: number): string =>
  new TextDecoder().decode(bytes.subarray(start, end))
const say = (connection: Connection, frame: object): unknown =>
  connection.send(new TextEncoder().encode(JSON.stringify(frame)), "text")

describe("the gateway's edges", () => {
  it.live("tells of the end of a connection that was used and never said hello", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const memory = Memory.make()
        const { log } = yield* setup(memory)
        const unused = yield* memory.connector.connect(() => silent)
        const used = yield* memory.connector.connect(() => silent)
        say(used, { kind: "request", id: 1, name: "edge.join" })
        yield* until("it is handled", () => log.length === 1)
        unused.close(1000, "")
        used.close(1000, "")
        yield* until("its end", () => log.length > 1)
        assert.deepStrictEqual(log, ["join", "closed"])
      })
    )
  )

  it.live("says so where its hello is larger than a frame may be", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const memory = Memory.make({ maxFrameBytes: 100 })
        yield* setup(memory)
        const error = yield* Effect.flip(Client.make(Edge, memory.connector, { wire: JsonWire }))
        assert.ok(error._tag === "ConnectionClosed" && error.closeCode === 1011, error.message)
      })
    )
  )

  it.live("counts peers that are being admitted", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const memory = Memory.make()
        const gate = yield* Deferred.make<void>()
        let asked = 0
        const admit = () => {
          asked++
          return Effect.as(Deferred.await(gate), undefined)
        }
        const { gateway } = yield* setup(memory, { maxConnections: 2, admit })
        const dials = yield* Effect.forEach([1, 2, 3, 4, 5], () =>
          Effect.forkChild(Effect.exit(memory.connector.connect(() => silent)), { startImmediately: true })
        )
        yield* until("two are asked about", () => asked === 2)
        yield* Deferred.succeed(gate, undefined)
        const exits = yield* Effect.forEach(dials, (dial) => Fiber.join(dial))
        assert.strictEqual(exits.filter(Exit.isSuccess).length, 2)
        assert.strictEqual((yield* gateway.connections).length, 2)
      })
    )
  )

  it.live("logs the defect of a detached handler that outlives its connection", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const memory = Memory.make()
        const { go, log } = yield* setup(memory)
        const connection = yield* memory.connector.connect(() => silent)
        say(connection, { kind: "request", id: 1, name: "edge.late" })
        yield* until("it runs", () => log.includes("late"))
        connection.close(1000, "")
        yield* until("its end", () => log.includes("closed"))
        yield* Deferred.succeed(go, undefined)
        yield* until("a line in the log", () => log.some((line) => line.startsWith("edge.late failed (reference ")))
      })
    )
  )

  it.live(
    "drains for everybody who asks",
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const memory = Memory.make()
          const { gateway } = yield* setup(memory)
          yield* Client.make(Edge, memory.connector)
          yield* Effect.all([gateway.drain, gateway.drain], { concurrency: 2 })
          assert.deepStrictEqual(yield* gateway.connections, [])
        })
      ),
    5000
  )
})

describe("the client's edges", () => {
  it.live(
    "answers whoever asked, whatever form a fault has",
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const memory = Memory.make()
          const faults = [null, {}, "x", { code: 1, message: [], path: 7 }, { code: "X", message: "m", path: ["a", 0] }]
          const messages = [[1, "request", "edge.join"]]
          yield* memory.listener.listen(() =>
            Effect.succeed({
              _tag: "Accept",
              open: (connection) => ({
                ...silent,
                onFrame: (bytes, start, end) => {
                  const { id, kind } = JSON.parse(text(bytes, start, end))
                  if (kind === "hello") say(connection, { kind, payload: { connection: "c", messages } })
                  else say(connection, { kind: "response", id, fault: faults[id - 1] })
                }
              })
            })
          )
          const client = yield* Client.make(Edge, memory.connector, { wire: JsonWire })
          const codes: Array<string> = []
          for (const _ of faults) {
            const error = yield* Effect.flip(client.request.join())
            codes.push(error._tag === "RequestFault" ? `${error.fault} ${error.path}` : error._tag)
          }
          assert.deepStrictEqual(codes, ["INTERNAL ", "INTERNAL ", "INTERNAL ", "INTERNAL ", "X a,0"])
        })
      ),
    5000
  )
})
