import * as Effect from "effect/Effect"
import { runGatewayKit } from "../../src/testing/vitest.ts"
import * as Memory from "../../src/transport/Memory.ts"

runGatewayKit({
  name: "memory",
  traits: ["text", "closeCodes", "flowControl"],
  make: ({ maxFrameBytes, ...limits }) =>
    Effect.sync(() => {
      const { listener, connector } = Memory.make({ maxFrameBytes, limits })
      return { listener, connector: () => connector }
    })
})
