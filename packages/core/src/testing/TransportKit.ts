/**
 * The behaviour that `Transport.ts` promises, as data: every transport runs the same cases, so that the gateway, the
 * client and their users can rely on any of them. `testing/vitest` runs it; another runner needs a loop of ten lines.
 */
import { admission } from "./transport-kit/admission.ts"
import { backpressure } from "./transport-kit/backpressure.ts"
import { bytes } from "./transport-kit/bytes.ts"
import { frames } from "./transport-kit/frames.ts"
import type { TransportCase } from "./transport-kit/Harness.ts"
import { hostile } from "./transport-kit/hostile.ts"
import { lifecycle } from "./transport-kit/lifecycle.ts"
import { scale } from "./transport-kit/scale.ts"

export type {
  BrokenBytes,
  KitLimits,
  KitTrait,
  RawPeer,
  TransportCase,
  TransportFixture,
  TransportHarness
} from "./transport-kit/Harness.ts"
export { missing } from "./transport-kit/Harness.ts"

/** All cases, grouped by theme in their order. */
export const cases: ReadonlyArray<TransportCase> = [
  ...frames,
  ...backpressure,
  ...admission,
  ...lifecycle,
  ...bytes,
  ...hostile,
  ...scale
]
