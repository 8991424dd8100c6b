import { assert, describe, it } from "@effect/vitest"
import * as ConnectionState from "../../src/transport/ConnectionState.ts"

describe("ConnectionState", () => {
  it("tells every step, and leaves earlier states as they were", () => {
    const steps: Array<ConnectionState.StateChange> = []
    const connecting = ConnectionState.make("c1", (step) => steps.push(step))
    const open = connecting.to("open")
    const closed = open.to("authenticated").to("open").to("draining").to("closed")
    assert.deepStrictEqual([connecting.state, open.state, closed.state], ["connecting", "open", "closed"])
    assert.deepStrictEqual(
      steps.map(({ connection, from, to }) => [connection, from, to]),
      [
        ["c1", "connecting", "open"],
        ["c1", "open", "authenticated"],
        ["c1", "authenticated", "open"],
        ["c1", "open", "draining"],
        ["c1", "draining", "closed"]
      ]
    )
  })
})
