import * as Effect from "effect/Effect"
import type { Broker } from "../../src/events/Broker.ts"
import { make } from "../../src/events/EventBus.ts"
import { broker } from "../../src/events/InProcess.ts"
import type { EventBusFixture } from "../../src/testing/EventBusKit.ts"
import * as RecordingBus from "../../src/testing/RecordingBus.ts"
import { runEventBusKit } from "../../src/testing/vitest.ts"

let strangers = 0
/** What somebody publishes who knows of no envelope: it gets one, as an adapter gives it. */
const injectInto =
  (beneath: Pick<Broker, "publish">): EventBusFixture["inject"] =>
  (subject, payload) => {
    const id = `stranger-${++strangers}`
    const envelope = { id, subject, time: 0, correlationId: id, causationId: undefined, version: 1, payload }
    return Effect.orDie(beneath.publish({ ...envelope, value: undefined, codec: undefined }))
  }

runEventBusKit({
  name: "in-process",
  traits: ["interest", "volatile"],
  make: Effect.gen(function* () {
    const beneath = broker()
    return { bus: yield* make(beneath), other: yield* make(beneath), inject: injectInto(beneath) }
  })
})

runEventBusKit({
  name: "recording",
  traits: ["interest", "volatile"],
  make: Effect.map(RecordingBus.make, ({ bus, outside, simulateRaw }) => ({
    bus,
    other: outside,
    inject: injectInto({ publish: simulateRaw })
  }))
})
