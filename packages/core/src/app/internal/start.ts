import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as AuthEvents from "../../auth/AuthEvents.ts"
import * as Observers from "../../transport/Observers.ts"
import * as Drain from "../Drain.ts"
import { Installed } from "../Installed.ts"
import * as Listening from "../Listening.ts"
import * as LoopDelay from "../LoopDelay.ts"
import type { Any } from "../Plugin.ts"
import { PluginStartTimeout } from "../PluginError.ts"
import { blame, type Culprit } from "./culprit.ts"
import { orderOfDoors } from "./doors.ts"
import { staticsOf } from "./statics.ts"

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

/** What one phase of one plugin does, within its budget; what goes wrong is put down to that plugin. */
const phase = <A>(
  plugin: Any,
  name: Culprit["phase"],
  // suspended, because the functions of a plugin may throw as well
  run: () => Effect.Effect<A, unknown>
): Effect.Effect<readonly [A, number], unknown> =>
  Effect.timeoutOrElse(Effect.suspend(run), {
    duration: plugin.startBudget,
    orElse: () =>
      Effect.fail(
        new PluginStartTimeout({
          plugin: plugin.name,
          phase: name,
          budgetMillis: Duration.toMillis(plugin.startBudget)
        })
      )
  }).pipe(blame({ plugin: plugin.name, phase: name }), timed)

/** Only what is declared goes on: a service that a layer gives beside it stays inside. */
const declared = (plugin: Any, built: Context.Context<unknown>): Context.Context<never> =>
  plugin.provides.reduce<Context.Context<never>>(
    (context, key) => Context.add(context, key, Context.getUnsafe(built, key)) as Context.Context<never>,
    Context.empty()
  )

interface Items {
  readonly values: Array<never>
  readonly plugins: Array<string>
}

/**
 * Builds the layers bottom-up, then runs the contributions, then opens the doors top-down: the hosts of a plugin are
 * activated after those of all plugins that need it, see `orderOfDoors`. What closes the scope goes the other way.
 */
export const start = (
  ordered: ReadonlyArray<Any>,
  config: ReadonlyMap<string, unknown>,
  given: unknown
): Effect.Effect<Started, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Scope.Scope
    const memoMap = Layer.CurrentMemoMap.forkOrCreate(yield* Effect.context<never>())
    const layerMillis = new Map<Any, number>()
    const activationMillis = new Map<Any, number>(ordered.map((plugin) => [plugin, 0]))
    const activated = (plugin: Any, millis: number) =>
      activationMillis.set(plugin, millis + activationMillis.get(plugin)!)

    const statics = staticsOf(ordered)
    const configured = { plugins: ordered, given }
    const installed = (plugin: Any): Installed => ({
      plugin: plugin.name,
      provides: plugin.provides,
      statics,
      configured
    })

    let app: Context.Context<never> = Context.empty().pipe(
      Context.add(Listening.Listening, Listening.makeUnsafe()),
      Context.add(Drain.Drain, Drain.makeUnsafe()),
      Context.add(LoopDelay.Witnesses, new Set()),
      Context.add(AuthEvents.AuthEvents, AuthEvents.makeUnsafe()),
      Context.add(Observers.Observers, Observers.makeUnsafe())
    )
    for (const plugin of ordered) {
      const [built, millis] = yield* phase(plugin, "layer", () => {
        const layer = plugin.layer(config.get(plugin.name)) as Layer.Layer<unknown, unknown>
        const seen = Context.add(app, Installed, installed(plugin))
        return Effect.provideContext(Layer.buildWithMemoMap(layer, memoMap, scope), seen)
      })
      app = Context.merge(app, declared(plugin, built))
      layerMillis.set(plugin, millis)
    }

    const inApp = <A>(plugin: Any, effect: Effect.Effect<A, unknown, unknown>) =>
      Effect.provideContext(effect as Effect.Effect<A, unknown>, Context.add(plugin.view(app), Scope.Scope, scope))
    const items = new Map<string, Items>()
    const itemsAt = (point: string): Items => {
      const found = items.get(point) ?? { values: [], plugins: [] }
      items.set(point, found)
      return found
    }
    for (const plugin of ordered) {
      for (const { effect, point } of plugin.contributes) {
        const [value, millis] = yield* phase(plugin, "contribution", () => inApp(plugin, effect))
        itemsAt(point).values.push(value as never)
        itemsAt(point).plugins.push(plugin.name)
        activated(plugin, millis)
      }
    }
    for (const plugin of orderOfDoors(ordered)) {
      for (const { activate, point } of plugin.hosts) {
        const { plugins, values } = itemsAt(point)
        const [, millis] = yield* phase(plugin, "host", () => inApp(plugin, activate(values, plugins)))
        activated(plugin, millis)
      }
    }

    const timings = ordered.map((plugin) => ({
      plugin: plugin.name,
      layerMillis: layerMillis.get(plugin)!,
      activationMillis: activationMillis.get(plugin)!
    }))
    return { context: app, timings }
  })
