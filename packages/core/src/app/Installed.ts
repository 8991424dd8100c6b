/**
 * What a plugin's layer may know of the app that it is built for: under which name and keys it stands there, and what the
 * plugins contribute as data. Live contributions come when every layer is built; what has to happen before the layers of
 * dependents, such as making the tables that they use, is read from here.
 *
 * @example
 * layer: () => Layer.effect(Orm, Effect.gen(function* () {
 *   const { statics } = yield* Installed
 *   const namespaces = statics(Migration.Namespaces)
 *   …
 * }))
 */
import * as Context from "effect/Context"
import type { Section } from "./AppConfig.ts"
import type { Point } from "./Contribution.ts"
import type { AnyKey } from "./Plugin.ts"

/** Reads the static contributions to a point, in the order of the plugins. */
export type Statics = <A>(
  point: Point<string, A, string>
) => ReadonlyArray<{ readonly plugin: string; readonly value: A }>

export interface Installed {
  /** The name of this instance; empty for a layer that is built outside a composition. */
  readonly plugin: string
  /** The keys under which the app knows what this layer gives: after `Plugin.as`, not those that the layer itself uses. */
  readonly provides: ReadonlyArray<AnyKey>
  readonly statics: Statics
  /** The app's plugins as far as their configuration goes, and all of it before decoding. */
  readonly configured: { readonly plugins: ReadonlyArray<Section>; readonly given: unknown }
}

/** Set for each layer of a composition; outside one there is nothing to know. */
export const Installed = Context.Reference<Installed>("@mortise/core/app/Installed", {
  defaultValue: () => ({ plugin: "", provides: [], statics: () => [], configured: { plugins: [], given: {} } })
})
