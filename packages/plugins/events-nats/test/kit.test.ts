// @module-tag service
import { runEventBusKit } from "@mortise/core/testing/vitest"
import { fixture } from "./buses.ts"
import { withServer } from "./server.ts"

withServer("EventBusKit on NATS", () => {
  runEventBusKit({ name: "NATS", traits: ["bytes", "cut", "volatile"], make: fixture({ jetstream: false }) })
  runEventBusKit({ name: "JetStream", traits: ["bytes", "cut", "durable"], make: fixture({ jetstream: true }) })
})
