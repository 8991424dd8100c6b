/** The app's listeners, by name: transports add theirs, the gateway listens on them. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { nearest } from "../app/internal/nearest.ts"
import { type Listener, TransportError } from "./Transport.ts"

export class Transports extends Context.Service<
  Transports,
  {
    /** Fails where there is a listener of this name: messages, configuration and `on` go by names. */
    readonly add: (listener: Listener) => Effect.Effect<void, TransportError>
    /** In the order in which they were added. */
    readonly list: Effect.Effect<ReadonlyArray<Listener>>
    /** Fails with reason `unknown-transport`, listing those that are known. */
    readonly get: (name: string) => Effect.Effect<Listener, TransportError>
  }
>()("@mortise/core/transport/Transports") {}

const find = (known: ReadonlyMap<string, Listener>, name: string): Effect.Effect<Listener, TransportError> => {
  const listener = known.get(name)
  if (listener !== undefined) return Effect.succeed(listener)
  const names = [...known.keys()]
  const near = nearest(name, names)
  const list = names.length === 0 ? "none is installed" : `there are ${names.join(", ")}`
  const hint = near === undefined ? "" : `; did you mean "${near}"?`
  return Effect.fail(
    new TransportError({
      reason: "unknown-transport",
      transport: name,
      message: `There is no transport "${name}": ${list}${hint}`
    })
  )
}

const add = (known: Map<string, Listener>, listener: Listener): Effect.Effect<void, TransportError> =>
  Effect.suspend(() => {
    const { name } = listener
    if (known.has(name)) {
      const message = `There is a transport "${name}" already: give one of the two another name (option "name")`
      return Effect.fail(new TransportError({ reason: "listen", transport: name, message }))
    }
    known.set(name, listener)
    return Effect.void
  })

const make = Effect.fnUntraced(function* (listeners: ReadonlyArray<Listener>) {
  const known = new Map<string, Listener>()
  for (const listener of listeners) yield* add(known, listener)
  return Transports.of({
    add: (listener) => add(known, listener),
    list: Effect.sync(() => [...known.values()]),
    get: (name) => Effect.suspend(() => find(known, name))
  })
})

/** A registry that holds these listeners to begin with. */
export const layer = (...listeners: ReadonlyArray<Listener>): Layer.Layer<Transports, TransportError> =>
  Layer.effect(Transports, make(listeners))

/** Picks installed listeners by name at run time; an unknown name fails and lists the known. */
export const fromConfig = (
  installed: ReadonlyArray<Listener>,
  names: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Listener>, TransportError> => {
  const known = new Map(installed.map((listener) => [listener.name, listener]))
  return Effect.forEach(names, (name) => find(known, name))
}
