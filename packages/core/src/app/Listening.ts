/**
 * What the app listens at: everything that accepts connections registers its address here, the banner and tests read it.
 *
 * A reference, so that no layer has to require it. A composition gives each app a registry of its own; outside of one,
 * addresses are accepted and forgotten.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** One thing that can be reached. */
export interface Entry {
  /** What is reached: `http`, `tcp`, `admin`. */
  readonly name: string
  /** A URL: `http://127.0.0.1:3000`, `tcp://127.0.0.1:4000`, `unix:///run/app.sock`. Ports are the real ones. */
  readonly address: string
}

export interface Registry {
  readonly add: (entry: Entry) => () => void
  readonly entries: () => ReadonlyArray<Entry>
}

/** An empty registry; removing an entry twice does nothing. */
export const makeUnsafe = (): Registry => {
  const held = new Set<Entry>()
  return {
    add: ({ address, name }) => {
      const entry = { name, address }
      held.add(entry)
      return () => void held.delete(entry)
    },
    entries: () => [...held]
  }
}

const forgetful: Registry = { add: () => () => {}, entries: () => [] }

/** The registry of the app that is being built. */
export const Listening: Context.Reference<Registry> = Context.Reference("@mortise/core/app/Listening", {
  defaultValue: () => forgetful
})

/** Registers an address until the scope closes. Call it once connections are accepted. */
export const add = (entry: Entry): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(Listening, (registry) =>
    Effect.acquireRelease(
      Effect.sync(() => registry.add(entry)),
      (remove) => Effect.sync(remove)
    )
  )

/** What listens now, in order of registration. Tests find the port of a listener on port 0 here. */
export const entries: Effect.Effect<ReadonlyArray<Entry>> = Effect.map(Listening, (registry) => registry.entries())
