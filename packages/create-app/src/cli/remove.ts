import * as Effect from "effect/Effect"
import { openApp } from "../evolve/App.ts"
import type { EvolveInput } from "../evolve/add.ts"
import { proposeRemove } from "../evolve/remove.ts"
import { namesOf } from "./added.ts"
import { carryOut, recoverFirst } from "./evolve.ts"

const unneededNote = (removed: ReadonlyArray<string>, stay: ReadonlyArray<string>): string => {
  const [verb, object] = stay.length === 1 ? ["stays: it", "it"] : ["stay: they", "them"]
  const came = `${stay.join(", ")} ${verb} came because ${removed.join(", ")} needed ${object}.`
  return `${came}\nIf your own code does not use ${object}, remove ${object} too:\n\n  mortise remove ${stay.join(" ")}`
}

/** Runs `mortise remove`. */
export const remove = Effect.fnUntraced(function* (input: EvolveInput) {
  yield* recoverFirst((yield* openApp(input.cwd, input.userAgent)).root)
  const removal = yield* proposeRemove(input)
  const removed = namesOf(removal.wish.remove)
  const stay = namesOf(removal.unneeded)
  yield* carryOut(input, removal, {
    done: `Removed ${removed.join(", ")}.`,
    result: { removed, unneeded: stay },
    ...(stay.length === 0 ? {} : { after: unneededNote(removed, stay) })
  })
}, Effect.scoped)
