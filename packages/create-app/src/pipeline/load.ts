import * as Effect from "effect/Effect"
import { Templates } from "../template/Templates.ts"
import type { Loaded, Resolved } from "./Stage.ts"

/** Reads the template's files. */
export const load = Effect.fnUntraced(function* (resolved: Resolved) {
  const { entry } = resolved
  const template = "files" in entry ? entry : yield* Effect.flatMap(Templates, (templates) => templates.load(entry))
  const loaded: Loaded = { ...resolved, template }
  return loaded
})
