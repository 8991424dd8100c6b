import * as Effect from "effect/Effect"
import { runTransportKit } from "../../src/testing/vitest.ts"
import * as Memory from "../../src/transport/Memory.ts"

runTransportKit({
  name: "memory",
  traits: ["text", "closeCodes", "flowControl"],
  make: ({ maxFrameBytes, ...limits }) =>
    Effect.sync(() => {
      const { listener, connector } = Memory.make({ maxFrameBytes, limits })
      return { listener, connector: () => connector }
    })
})
