import { assert, describe, it } from "@effect/vitest"
import { BinaryWire } from "@mortise/core/transport/BinaryWire"
import * as Contract from "@mortise/core/transport/Contract"
import * as Gateway from "@mortise/core/transport/Gateway"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { call } from "../src/internal/call.ts"

const Small = Contract.make("small", { requests: { hi: { success: Schema.String } } })

const served = Effect.fnUntraced(function* (options: Gateway.Options) {
  const gateway = Context.get(yield* Layer.build(Gateway.layer(options)), Gateway.Gateway)
  yield* gateway.add(yield* Gateway.bind(Contract.implement(Small, { hi: () => Effect.succeed("hi") })))
  return gateway
})

describe("a call to a gateway with rules of its own", () => {
  it.live("is admitted as other connections are", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const gateway = yield* served({
        admit: ({ transport }) => {
          asked.push(transport)
          return Effect.succeed(
            asked.length === 1 ? undefined : { _tag: "Refuse" as const, status: 403, reason: "not today" }
          )
        }
      })
      const said = () => Stream.runCollect(call(gateway, { name: "small.hi" }))
      assert.deepStrictEqual(yield* said(), [{ _tag: "Answer", json: '"hi"' }])
      assert.deepStrictEqual(yield* said(), [
        {
          _tag: "Fault",
          code: "REFUSED",
          message: "The app takes no connection. The listener refused: not today (403)."
        }
      ])
      assert.deepStrictEqual(asked, ["admin", "admin"])
    })
  )

  it.live("says so where the gateway does not speak json", () =>
    Effect.gen(function* () {
      const gateway = yield* served({ wires: [BinaryWire] })
      const [heard] = yield* Stream.runCollect(call(gateway, { name: "small.hi" }))
      assert.deepInclude(heard, { _tag: "Fault", code: "CLOSED" })
      assert.match((heard as { readonly message: string }).message, /none of the wires binary \(1002\)/)
      assert.deepStrictEqual(yield* gateway.connections, [])
    })
  )
})
