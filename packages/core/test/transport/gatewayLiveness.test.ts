import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Client from "../../src/client/Client.ts"
import { until } from "../../src/testing/until.ts"
import * as Contract from "../../src/transport/Contract.ts"
import * as Gateway from "../../src/transport/Gateway.ts"
import * as Memory from "../../src/transport/Memory.ts"
import { Rooms } from "../../src/transport/Rooms.ts"
import * as Transports from "../../src/transport/Transports.ts"

const News = Contract.make("news", {
  requests: {
    echo: { payload: { n: Schema.Int }, success: Schema.Int },
    tell: { payload: { times: Schema.Int } },
    tail: { success: Schema.Int, stream: true }
  },
  events: { told: { payload: { n: Schema.Int } } }
})
const live = Contract.implement(News, {
  echo: ({ n }) => Effect.succeed(n),
  tell: Effect.fnUntraced(function* ({ times }) {
    const rooms = yield* Rooms
    for (let n = 0; n < times; n++) yield* rooms.publishAll(News.events.told, { n })
  }),
  tail: () => Stream.concat(Stream.make(1), Stream.never)
})

const setup = Effect.gen(function* () {
  const memory = Memory.make()
  const context = yield* Layer.build(Layer.merge(Gateway.layer(), Transports.layer(memory.listener)))
  yield* Effect.provideContext(Gateway.serve(live), context)
  return { memory, gateway: Context.get(context, Gateway.Gateway) }
})

describe("gateway and client stay alive", () => {
  it.live("when a reader of events asks the server, with thousands of events behind it", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { memory } = yield* setup
        const reader = yield* Client.make(News, memory.connector)
        const teller = yield* Client.make(News, memory.connector)
        const seen: Array<number> = []
        const reading = yield* Effect.forkChild(
          Stream.runForEach(Stream.take(reader.events.told, 3000), ({ n }) =>
            Effect.map(reader.request.echo({ n }), (echoed) => seen.push(echoed))
          ),
          { startImmediately: true }
        )
        yield* teller.request.tell({ times: 3000 })
        yield* Fiber.join(reading)
        assert.deepStrictEqual(
          seen,
          Array.from({ length: 3000 }, (_, n) => n)
        )
      })
    )
  )

  it.live("when a reader never reads: what others ask is answered, and its stream fails in the end", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { memory } = yield* setup
        const client = yield* Client.make(News, memory.connector)
        let read = 0
        const stuck = yield* Effect.forkChild(
          Effect.flip(
            Stream.runForEach(client.events.told, () => {
              if (read++ > 0) return Effect.void
              // one request after another keeps the connection reading, and this reader waits for all of them
              const asks = Array.from({ length: 20 }, () => client.request.tell({ times: 1000 }))
              return Effect.all(asks, { discard: true })
            })
          ),
          { startImmediately: true }
        )
        yield* client.request.tell({ times: 1 })
        const error = yield* Fiber.join(stuck)
        assert.strictEqual(error._tag, "Overloaded")
        assert.match(error.message, /news\.told fell too far behind/)
        assert.strictEqual(yield* client.request.echo({ n: 1 }), 1)
      })
    )
  )

  it.live("when the gateway drains with a stream open that never ends", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { gateway, memory } = yield* setup
        const client = yield* Client.make(News, memory.connector)
        const got: Array<number> = []
        const tail = yield* Effect.forkChild(
          Effect.flip(Stream.runForEach(client.request.tail(), (n) => Effect.sync(() => got.push(n)))),
          { startImmediately: true }
        )
        yield* until("the stream has begun", () => got.length === 1)
        yield* Effect.timeout(gateway.drain, "5 seconds")
        const error = yield* Fiber.join(tail)
        assert.strictEqual(error._tag === "RequestFault" ? error.fault : error._tag, "UNAVAILABLE")
      })
    )
  )
})
