/**
 * Plugins put together: what they need to be told, how they hang together, and the layer of all of them.
 */

import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as AppConfig from "./AppConfig.ts"
import type { Statics } from "./Installed.ts"
import { type Edge, edgesOf, orderByNeed } from "./internal/order.ts"
import { problemsOf } from "./internal/problems.ts"
import type { OrNothing, Proven } from "./internal/proof.ts"
import { type Started as StartedAny, start, type Timing } from "./internal/start.ts"
import { staticsOf } from "./internal/statics.ts"
import { Current } from "./Log.ts"
import type { Any, Plugin } from "./Plugin.ts"
import { CompositionInvalid, type PluginCycle, type PluginStartTimeout } from "./PluginError.ts"

export type { Edge, Timing }

/** What can go wrong before or while plugins start, beside their own errors. */
export type StartError = AppConfig.ConfigInvalid | CompositionInvalid | PluginCycle | PluginStartTimeout

/** An app that runs. */
export interface Started<in out Provides> {
  readonly context: Context.Context<Provides>
  /** In the order in which the layers were built. */
  readonly timings: ReadonlyArray<Timing>
}

/** `Config` is the configuration before decoding: one section for each plugin that has one. */
export interface Composition<in out Provides, out E, in out Config> {
  readonly plugins: ReadonlyArray<Any>
  /** The merged Schema of all sections. */
  readonly config: Schema.Codec<unknown, Config>
  /** Who gives which service to whom. */
  readonly edges: ReadonlyArray<Edge>
  /** The names in start order: as declared, but for what a plugin needs, which goes before it. */
  readonly order: Effect.Effect<ReadonlyArray<string>, CompositionInvalid | PluginCycle>
  /** The static contributions to a point, in the declared order. Starts nothing. */
  readonly statics: Statics
  /**
   * Decodes the configuration, builds the layers by need, runs the live contributions and activates the hosts. Fails with
   * what a plugin fails with; `Plugin.culprit` tells which it was.
   */
  readonly build: (config: Config) => Effect.Effect<Started<Provides>, E | StartError, Scope.Scope>
  /** The same as a layer, for `Layer.provide` and `Effect.provide`. */
  readonly layer: (config: Config) => Layer.Layer<Provides, E | StartError>
}

type ProvidesOf<P> = P extends Plugin<string, infer A, unknown, unknown, unknown, string, string> ? A : never
type ErrorOf<P> = P extends Plugin<string, unknown, infer A, unknown, unknown, string, string> ? A : never

type Needed<P> =
  P extends Plugin<infer N, unknown, unknown, unknown, infer C, string, string>
    ? [C] extends [void]
      ? never
      : {} extends C
        ? never
        : N
    : never
type Optional<P> =
  P extends Plugin<infer N, unknown, unknown, unknown, infer C, string, string>
    ? [C] extends [void]
      ? never
      : {} extends C
        ? N
        : never
    : never
type SectionOf<P> = P extends { readonly "~types": { readonly config: infer C } } ? C : never

/** The configuration of plugins: a section whose keys are all optional may be left out. */
export type ConfigOf<P> = {
  readonly [Q in P as Needed<Q>]: SectionOf<Q>
} & { readonly [Q in P as Optional<Q>]?: SectionOf<Q> }

/** The list is checked where it is written; a cast list is checked here, at the first use. */
const ordered = (plugins: ReadonlyArray<Any>): Result.Result<ReadonlyArray<Any>, CompositionInvalid | PluginCycle> => {
  const problems = problemsOf(plugins)
  return problems.length > 0 ? Result.fail(new CompositionInvalid({ problems })) : orderByNeed(plugins)
}

const build = (plugins: ReadonlyArray<Any>, config: unknown): Effect.Effect<StartedAny, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const inOrder = yield* Effect.fromResult(ordered(plugins))
    const secrets = (yield* Current)?.secrets
    // before it is decoded, because it may not be: what is wrong with it is told
    secrets?.learn(config)
    const decoded = yield* AppConfig.decode(plugins, config)
    for (const section of decoded.values()) secrets?.learn(section)
    return yield* start(inOrder, decoded, config)
  })

/**
 * Puts plugins together, in any order. Does not compile, and names plugin and service, when a service is missing, provided
 * twice or required only by its own provider, when a contribution finds no host, when two plugins have one name, and when
 * an argument is not one known plugin.
 */
export const compose = <Ps extends ReadonlyArray<unknown>>(
  ...plugins: Proven<Ps>
): OrNothing<Ps[number], Composition<ProvidesOf<Ps[number]>, ErrorOf<Ps[number]>, ConfigOf<Ps[number]>>> => {
  // Proven gives the list itself, or did not compile
  const list = plugins as ReadonlyArray<unknown> as ReadonlyArray<Any>
  let config: Schema.Codec<unknown, unknown> | undefined
  const composition: Composition<never, unknown, unknown> = {
    plugins: list,
    get config() {
      config ??= AppConfig.merge(list)
      return config
    },
    get edges() {
      return edgesOf(list)
    },
    order: Effect.suspend(() =>
      Effect.map(Effect.fromResult(ordered(list)), (inOrder) => inOrder.map((plugin) => plugin.name))
    ),
    statics: staticsOf(list),
    build: (config) => build(list, config),
    layer: (config) => Layer.effectContext(Effect.map(build(list, config), (started) => started.context))
  }
  return composition as never
}
