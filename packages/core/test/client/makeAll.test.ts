import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Client from "../../src/client/Client.ts"
import * as Contract from "../../src/transport/Contract.ts"
import * as Gateway from "../../src/transport/Gateway.ts"
import * as Memory from "../../src/transport/Memory.ts"
import * as Transports from "../../src/transport/Transports.ts"

const Doors = Contract.make("doors", { requests: { whoami: { success: Schema.String } } })
const Bells = Contract.make("bells", {
  requests: { ring: { payload: { times: Schema.Int }, success: Schema.String } },
  events: { rang: { payload: { times: Schema.Int } } }
})

const serve = Effect.fnUntraced(function* (...served: ReadonlyArray<Contract.Implementation<never>>) {
  const door = Memory.make()
  const context = yield* Layer.build(Layer.merge(Gateway.layer(), Transports.layer(door.listener)))
  yield* Effect.provideContext(Gateway.serve(served), context)
  return { door, gateway: yield* Effect.provideContext(Gateway.Gateway, context) }
})
const DoorsLive = Contract.implement(Doors, { whoami: (_, { connection }) => Effect.succeed(connection.id) })
const BellsLive = Contract.implement(Bells, {
  ring: ({ times }, { connection, emit }) =>
    Effect.sync(() => {
      emit("rang", { times })
      return connection.id
    })
})

describe("Client.makeAll", () => {
  it.live("speaks several contracts over one connection", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { door, gateway } = yield* serve(DoorsLive, BellsLive)
        const { bells, doors } = yield* Client.makeAll({ doors: Doors, bells: Bells }, door.connector)
        const rang = yield* Effect.forkScoped(Stream.runCollect(Stream.take(bells.events.rang, 1)), {
          startImmediately: true
        })
        assert.strictEqual(yield* doors.request.whoami(), yield* bells.request.ring({ times: 3 }))
        assert.deepStrictEqual(yield* Fiber.join(rang), [{ times: 3 }])
        assert.strictEqual((yield* gateway.connections).length, 1)
        assert.strictEqual(doors.connection.id, bells.connection.id)
      })
    )
  )

  it.live("fails only with what is not served", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { door } = yield* serve(DoorsLive)
        const { bells, doors } = yield* Client.makeAll({ doors: Doors, bells: Bells }, door.connector)
        const error = yield* Effect.flip(bells.request.ring({ times: 1 }))
        assert.strictEqual(error._tag, "ContractMismatch")
        assert.isString(yield* doors.request.whoami())
      })
    )
  )
})
