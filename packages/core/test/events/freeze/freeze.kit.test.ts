import * as Effect from "effect/Effect"
import type { Broker } from "../../../src/events/Broker.ts"
import { make } from "../../../src/events/EventBus.ts"
import { runEventBusKit } from "../../../src/testing/vitest.ts"
import { logBroker, scanningBroker } from "./brokers.ts"

const fixture = (open: Effect.Effect<Broker>) =>
  Effect.gen(function* () {
    const broker = yield* open
    let strangers = 0
    return {
      bus: yield* make(broker),
      other: yield* make(broker),
      inject: (subject: string, payload: unknown) => {
        const id = `stranger-${++strangers}`
        const envelope = { id, subject, time: 0, correlationId: id, causationId: undefined, version: 1, payload }
        return Effect.orDie(broker.publish({ ...envelope, value: undefined, codec: undefined }))
      }
    }
  })

runEventBusKit({ name: "a list that is walked", traits: ["volatile"], make: fixture(Effect.sync(scanningBroker)) })
runEventBusKit({ name: "a log", traits: ["volatile"], make: fixture(logBroker) })
