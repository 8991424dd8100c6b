import * as ConnectionState from "../../src/transport/ConnectionState.ts"

export const machine = ConnectionState.make("c1", () => {})
  .to("open")
  .to("closed")
  .to("open")
