/** The app's listeners, by name: transports add theirs, the gateway listens on them. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { nearest } from "../app/internal/nearest.ts"
import { type Listener, TransportError } from "./Transport.ts"

export class Transports extends Context.Service<
  Transports,
  {
    /** A listener of a name that is there already takes its place. */
    readonly add: (listener: Listener) => Effect.Effect<void>
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

const make = (listeners: ReadonlyArray<Listener>): Transports["Service"] => {
  const known = new Map(listeners.map((listener) => [listener.name, listener]))
  return {
    add: (listener) => Effect.sync(() => void known.set(listener.name, listener)),
    list: Effect.sync(() => [...known.values()]),
    get: (name) => Effect.suspend(() => find(known, name))
  }
}

/** A registry that holds these listeners to begin with. */
export const layer = (...listeners: ReadonlyArray<Listener>): Layer.Layer<Transports> =>
  Layer.sync(Transports, () => Transports.of(make(listeners)))

/** Picks installed listeners by name at run time; an unknown name fails and lists the known. */
export const fromConfig = (
  installed: ReadonlyArray<Listener>,
  names: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Listener>, TransportError> => {
  const known = new Map(installed.map((listener) => [listener.name, listener]))
  return Effect.forEach(names, (name) => find(known, name))
}
