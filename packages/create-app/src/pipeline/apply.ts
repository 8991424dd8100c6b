import * as Effect from "effect/Effect"
import { ApplyFailed, apply as applyPlan, removeLeftover } from "../workspace/Apply.ts"
import type { Applied, Verified } from "./Stage.ts"

/** Puts the plan on the disk, after removing what an earlier run left that was killed in the same directory. */
export const apply = Effect.fnUntraced(function* (verified: Verified) {
  if (verified.leftover !== undefined) {
    yield* removeLeftover(verified.directory, verified.leftover.files).pipe(
      Effect.mapError(
        (error) =>
          new ApplyFailed({ path: verified.directory, reason: error.message, left: verified.leftover?.files ?? [] })
      )
    )
  }
  yield* applyPlan(verified.plan)
  const applied: Applied = { ...verified, applied: true }
  return applied
})
