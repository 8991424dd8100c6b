import type { Bundle, OneTimePrekey } from "@mortise/core/crypto/Bundle"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { keyOf } from "../chat/Members.ts"
import { NoKeys, type Published } from "./contract.ts"

/** Fewer one-time prekeys than this, and the client is asked for more. */
const few = 10

/**
 * The public keys of those who are here. One entry for each name that is taken, with at most `maxOneTime` one-time prekeys;
 * it goes when the name is given back, for a name that is free may next be somebody else's.
 */
export class Directory extends Context.Service<
  Directory,
  {
    readonly publish: (name: string, published: Published) => Effect.Effect<void>
    /** Gives a bundle with a one-time prekey, while there is one, and once, when few are left, that more are wanted. */
    readonly take: (name: string) => Effect.Effect<{ readonly bundle: Bundle; readonly wantsMore: boolean }, NoKeys>
    readonly peek: (name: string) => Effect.Effect<Bundle, NoKeys>
    readonly forget: (name: string) => Effect.Effect<void>
  }
>()("mortise-app/sealed/Directory") {}

interface Entry {
  readonly bundle: Bundle
  readonly oneTime: Array<OneTimePrekey>
  wanted: boolean
}

const make = (): Directory["Service"] => {
  const entries = new Map<string, Entry>()
  const find = (name: string): Effect.Effect<Entry, NoKeys> =>
    Effect.suspend(() => {
      const entry = entries.get(keyOf(name))
      return entry === undefined ? Effect.fail(new NoKeys({ name })) : Effect.succeed(entry)
    })
  return {
    publish: (name, { bundle: { identity, signedPrekey, suites }, oneTime }) =>
      // a one-time prekey inside the bundle would be handed out to everybody
      Effect.sync(
        () =>
          void entries.set(keyOf(name), {
            bundle: { identity, signedPrekey, suites },
            oneTime: [...oneTime],
            wanted: false
          })
      ),
    take: (name) =>
      Effect.map(find(name), (entry) => {
        const next = entry.oneTime.shift()
        const wantsMore = entry.oneTime.length < few && !entry.wanted
        if (wantsMore) entry.wanted = true
        return { bundle: next === undefined ? entry.bundle : { ...entry.bundle, oneTimePrekey: next }, wantsMore }
      }),
    peek: (name) => Effect.map(find(name), ({ bundle }) => bundle),
    forget: (name) => Effect.sync(() => void entries.delete(keyOf(name)))
  }
}

export const layer: Layer.Layer<Directory> = Layer.sync(Directory, () => Directory.of(make()))
