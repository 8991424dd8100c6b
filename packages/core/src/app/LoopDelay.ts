/**
 * Tells when the event loop was held up, and by what: a line of category `performance` at `Warn`. `App.run` watches; the
 * gateway names the messages that it handled meanwhile, and a plugin that runs work of its own can name that.
 *
 * @example
 * yield* LoopDelay.addWitness((millis) => imports.filter((one) => one.lasted >= millis).map(({ name }) => ({ what: name, certain: false })))
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** What may have held up the event loop. */
export interface Suspect {
  /** For people: `chat.export`. */
  readonly what: string
  /** Known to have run for about that long without a break; else it ran at about that time. */
  readonly certain: boolean
}

/** Says what may have held up the event loop for so many milliseconds, within the last second or so. Must not throw. */
export type Witness = (millis: number) => ReadonlyArray<Suspect>

/** Who is asked: those of one app, in a composition; outside of one, all share them. */
export const Witnesses: Context.Reference<Set<Witness>> = Context.Reference("@mortise/core/app/LoopDelay", {
  defaultValue: () => new Set<Witness>()
})

/** Lets a witness be asked until the scope closes. */
export const addWitness = (witness: Witness): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(Witnesses, (witnesses) =>
    Effect.acquireRelease(
      Effect.sync(() => void witnesses.add(witness)),
      () => Effect.sync(() => witnesses.delete(witness))
    )
  )

/** Suspects named at most: the rest would be no help. */
const MAX_NAMED = 8

/** The sentence of a warning. */
export const sentence = (millis: number, suspects: ReadonlyArray<Suspect>): string => {
  const held = `the event loop was held up for ${Math.round(millis)} ms`
  const certain = suspects.filter((suspect) => suspect.certain)
  const named = certain.length > 0 ? certain : suspects
  if (named.length === 0) return `${held} by nothing that was watched`
  const whats = [...new Set(named.map(({ what }) => what))]
  const shown = whats.slice(0, MAX_NAMED).join(", ")
  const list = whats.length > MAX_NAMED ? `${shown} and ${whats.length - MAX_NAMED} more` : shown
  if (certain.length === 0) return `${held}; meanwhile: ${list}`
  return whats.length === 1 ? `${held} by ${list}` : `${held} by one of ${list}`
}
