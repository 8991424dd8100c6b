import * as Effect from "effect/Effect"
import type { Failure, Sealing } from "./Sealing.ts"

/** A command about somebody's keys; what it gives is for whoever typed it. */
export interface KeyCommand {
  readonly name: string
  readonly help: string
  readonly run: (name: string) => Effect.Effect<string, Failure>
}

/** The same in the terminal and in the page. */
export const commandsOf = (sealing: Sealing): ReadonlyArray<KeyCommand> => [
  {
    name: "fingerprint",
    help: "/fingerprint NAME",
    run: (name) =>
      Effect.map(sealing.fingerprint(name), ({ changed, number, verified }) => {
        const about = `Safety number with ${name}${verified ? ", which you have compared" : ""}: ${number}`
        const now = `${name} shows other keys now: ${changed}. Compare that with them, then /trust ${name}.`
        return changed === undefined ? about : `${about}\n${now}`
      })
  },
  {
    name: "verify",
    help: "/verify NAME",
    run: (name) => Effect.as(sealing.verify(name), `You have compared the safety number with ${name}.`)
  },
  {
    name: "trust",
    help: "/trust NAME",
    run: (name) => Effect.as(sealing.accept(name), `The new keys of ${name} are trusted from now on.`)
  }
]
