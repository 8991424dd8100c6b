import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Drain from "../Drain.ts"
import * as Listening from "../Listening.ts"
import type { Any } from "../Plugin.ts"
import { PluginStartTimeout } from "../PluginError.ts"
import { blame, type Culprit } from "./culprit.ts"

/** How long a plugin took to start. */
export interface Timing {
  readonly plugin: string
  /** Milliseconds to build its layer. */
  readonly layerMillis: number
  /** Milliseconds for its live contributions and its hosts. */
  readonly activationMillis: number
}

export interface Started {
  readonly context: Context.Context<never>
  readonly timings: ReadonlyArray<Timing>
}

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<readonly [A, number], E, R> =>
  Effect.gen(function* () {
    const before = yield* Clock.currentTimeNanos
    const value = yield* effect
    const after = yield* Clock.currentTimeNanos
    return [value, Number(after - before) / 1e6] as const
  })

const within = <A, E, R>(plugin: Any, phase: Culprit["phase"], effect: Effect.Effect<A, E, R>) =>
  Effect.timeoutOrElse(effect, {
    duration: plugin.startBudget,
    orElse: () =>
      Effect.fail(
        new PluginStartTimeout({ plugin: plugin.name, phase, budgetMillis: Duration.toMillis(plugin.startBudget) })
      )
  }).pipe(blame({ plugin: plugin.name, phase }))

/** Only what is declared goes on: a service that a layer gives beside it stays inside. */
const declared = (plugin: Any, built: Context.Context<unknown>): Context.Context<never> =>
  plugin.provides.reduce<Context.Context<never>>(
    (context, key) => Context.add(context, key, Context.getUnsafe(built, key)) as Context.Context<never>,
    Context.empty()
  )

/**
 * Builds the layers bottom-up, then runs the contributions, then opens the doors top-down: the hosts of a plugin are
 * activated after those of all plugins that need it. What closes the scope goes the other way.
 */
export const start = (
  ordered: ReadonlyArray<Any>,
  config: ReadonlyMap<string, unknown>
): Effect.Effect<Started, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Scope.Scope
    const memoMap = Layer.CurrentMemoMap.forkOrCreate(yield* Effect.context<never>())
    let app: Context.Context<never> = Context.empty().pipe(
      Context.add(Listening.Listening, Listening.makeUnsafe()),
      Context.add(Drain.Drain, Drain.makeUnsafe())
    )
    const layerMillis = new Map<Any, number>()
    const activationMillis = new Map<Any, number>()
    const activated = (plugin: Any, millis: number) =>
      activationMillis.set(plugin, (activationMillis.get(plugin) ?? 0) + millis)

    for (const plugin of ordered) {
      const layer = plugin.layer(config.get(plugin.name)) as Layer.Layer<unknown, unknown>
      const build = Effect.provideContext(Layer.buildWithMemoMap(layer, memoMap, scope), app)
      const [built, millis] = yield* timed(within(plugin, "layer", build))
      app = Context.merge(app, declared(plugin, built))
      layerMillis.set(plugin, millis)
    }

    const within_ = (plugin: Any) => Context.add(plugin.view(app), Scope.Scope, scope)
    const items = new Map<string, { values: Array<never>; plugins: Array<string> }>()
    const itemsOf = (point: string) => {
      const found = items.get(point) ?? { values: [], plugins: [] }
      items.set(point, found)
      return found
    }
    for (const plugin of ordered) {
      for (const { effect, point } of plugin.contributes) {
        const [value, millis] = yield* timed(
          within(
            plugin,
            "contribution",
            Effect.provideContext(effect as Effect.Effect<unknown, unknown>, within_(plugin))
          )
        )
        const at = itemsOf(point)
        at.values.push(value as never)
        at.plugins.push(plugin.name)
        activated(plugin, millis)
      }
    }
    for (const plugin of ordered.toReversed()) {
      for (const { activate, point } of plugin.hosts) {
        const { plugins, values } = itemsOf(point)
        const run = activate(values, plugins) as Effect.Effect<void, unknown>
        const [, millis] = yield* timed(within(plugin, "host", Effect.provideContext(run, within_(plugin))))
        activated(plugin, millis)
      }
    }
    const timings = ordered.map((plugin) => ({
      plugin: plugin.name,
      layerMillis: layerMillis.get(plugin) ?? 0,
      activationMillis: activationMillis.get(plugin) ?? 0
    }))
    return { context: app, timings }
  })
