/**
 * The behaviour that gateway, wires and client promise, as data: every transport runs the same cases over every wire, so
 * that a contract means the same wherever it is served. `testing/vitest` runs it.
 */

import { deadlines } from "./gateway-kit/deadlines.ts"
import { faults } from "./gateway-kit/faults.ts"
import type { GatewayCase } from "./gateway-kit/Harness.ts"
import { order } from "./gateway-kit/order.ts"
import { streams } from "./gateway-kit/streams.ts"

export type { GatewayCase, GatewayHarness } from "./gateway-kit/Harness.ts"
export { missing } from "./gateway-kit/Harness.ts"

/** All cases, grouped by theme in their order. */
export const cases: ReadonlyArray<GatewayCase> = [...order, ...streams, ...deadlines, ...faults]
