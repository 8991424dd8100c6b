// The app that loopDelay.test.ts starts as a process: messages hold up the event loop, and so does a timer.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as App from "../../../src/app/App.ts"
import * as Contribution from "../../../src/app/Contribution.ts"
import * as Plugin from "../../../src/app/Plugin.ts"
import * as Client from "../../../src/client/Client.ts"
import * as Contract from "../../../src/transport/Contract.ts"
import { contract, gateway, Listeners } from "../../../src/transport/GatewayPlugin.ts"
import * as Memory from "../../../src/transport/Memory.ts"

const HELD_UP_MILLIS = 400

const holdUp = Effect.sync(() => {
  const end = performance.now() + HELD_UP_MILLIS
  while (performance.now() < end);
})

const Desk = Contract.make("desk", { requests: { atOnce: {}, later: {}, quick: {} } })
const DeskLive = Contract.implement(Desk, {
  atOnce: () => holdUp,
  later: () => Effect.andThen(Effect.sleep("20 millis"), holdUp),
  quick: () => Effect.void
})

const memory = Memory.make()
const desk = Plugin.define({
  name: "desk",
  layer: () => Layer.empty,
  contributes: [contract(DeskLive), Contribution.contribute(Listeners, Effect.succeed(memory.listener))]
})

App.run(Plugin.compose(gateway(), desk()), {
  name: "held-up",
  config: { gateway: { slowHandlerMillis: 300 } },
  heldUpAfter: "200 millis"
})

// again and again: what comes before the watch has begun is not seen. The first argument says what.
const asked = process.argv[2]
const client = Effect.gen(function* () {
  const { request } = yield* Client.make(Desk, memory.connector)
  while (true) {
    yield* request.quick()
    yield* Effect.sleep("1 second")
    if (asked === "atOnce") yield* request.atOnce()
    else if (asked === "later") yield* request.later()
    else setTimeout(() => Effect.runSync(holdUp), 1)
  }
})
Effect.runFork(Effect.scoped(client))
