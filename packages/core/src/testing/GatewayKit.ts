/**
 * The behaviour that gateway, wires and client promise, as data: every transport runs the same cases over every wire, so
 * that a contract means the same wherever it is served. `testing/vitest` runs it.
 */

import { client } from "./gateway-kit/client.ts"
import { contracts } from "./gateway-kit/contracts.ts"
import { deadlines } from "./gateway-kit/deadlines.ts"
import { events } from "./gateway-kit/events.ts"
import { faults } from "./gateway-kit/faults.ts"
import type { GatewayCase } from "./gateway-kit/Harness.ts"
import { hostile } from "./gateway-kit/hostile.ts"
import { lifecycle } from "./gateway-kit/lifecycle.ts"
import { order } from "./gateway-kit/order.ts"
import { relays } from "./gateway-kit/relays.ts"
import { streams } from "./gateway-kit/streams.ts"
import { values } from "./gateway-kit/values.ts"

export type { GatewayCase, GatewayHarness } from "./gateway-kit/Harness.ts"
export { missing } from "./gateway-kit/Harness.ts"

/** All cases, grouped by theme in their order. */
export const cases: ReadonlyArray<GatewayCase> = [
  ...lifecycle,
  ...order,
  ...streams,
  ...deadlines,
  ...faults,
  ...events,
  ...relays,
  ...values,
  ...contracts,
  ...client,
  ...hostile
]
