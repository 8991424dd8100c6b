import * as Effect from "effect/Effect"
import { openApp } from "../evolve/App.ts"
import type { EvolveInput } from "../evolve/add.ts"
import { proposeRemove } from "../evolve/remove.ts"
import { carryOut, recoverFirst } from "./evolve.ts"

/** Runs `mortise remove`. */
export const remove = Effect.fnUntraced(function* (input: EvolveInput) {
  yield* recoverFirst((yield* openApp(input.cwd, input.userAgent)).root)
  const proposal = yield* proposeRemove(input)
  const names = proposal.wish.remove.map(({ name }) => name)
  yield* carryOut(input, proposal, { done: `Removed ${names.join(", ")}.`, result: { removed: names } })
}, Effect.scoped)
