/** What the gateway's kit runs over, and what a case of it is. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Wire } from "../../transport/Wire.ts"
import type { KitTrait, TransportHarness } from "../transport-kit/Harness.ts"

/** A transport: the harness that `TransportKit` takes does. */
export type GatewayHarness = Pick<TransportHarness, "name" | "traits" | "make">

export interface GatewayCase {
  /** The behaviour, as a sentence about the gateway or the client. */
  readonly name: string
  readonly needs?: ReadonlyArray<KitTrait>
  readonly run: (harness: GatewayHarness, wire: Wire) => Effect.Effect<void, unknown, Scope.Scope>
}

/** What a case needs and the harness does not have. */
export const missing = (testCase: GatewayCase, harness: GatewayHarness): ReadonlyArray<KitTrait> =>
  (testCase.needs ?? []).filter((trait) => !harness.traits.includes(trait))
