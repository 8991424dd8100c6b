/**
 * The configuration as it changes while an app runs: whoever wants to know gets the sections that fit their Schemas, one
 * after another. A change that is wrong is told in the log, and what was read before stays.
 *
 * Plugins take their configuration when they start, and most keep it; a section follows changes where its plugin says so.
 * Works for an app whose configuration was read by `ConfigSources.read`; of another one nothing ever changes.
 *
 * @example
 * const changes = yield* ConfigChanges
 * yield* Stream.runForEach(changes.section("greeter", Greeting), ({ text }) => Ref.set(greeting, text))
 */
import { statSync } from "node:fs"
import { type ConfigInvalid, decode, type Section } from "@mortise/core/app/AppConfig"
import { Installed } from "@mortise/core/app/Installed"
import * as LogPlugin from "@mortise/core/app/LogPlugin"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { type Loaded, loadedOf } from "./ConfigSources.ts"

export interface ConfigChangesShape {
  /**
   * A section as it is now, and again whenever it has changed; only what the Schema takes. Give the Schema of the plugin, or
   * one of a part of it.
   */
  readonly section: <S extends Schema.Codec<unknown, unknown, never, unknown>>(
    name: string,
    schema: S
  ) => Stream.Stream<S["Type"]>
  /** Reads the sources now, whether or not a file has changed. Fails with what is wrong; then all stays as it was. */
  readonly reload: Effect.Effect<void, ConfigInvalid>
}

export class ConfigChanges extends Context.Service<ConfigChanges, ConfigChangesShape>()(
  "@mortise/config/ConfigChanges"
) {}

type Sections = Readonly<Record<string, unknown>>

/** What a change of a file changes: its size, its time, or which file it is (editors and mounts replace files). */
const stampOf = (files: ReadonlyArray<string>): string =>
  files
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false })
      return stat === undefined ? "" : `${stat.ino} ${stat.mtimeMs} ${stat.size}`
    })
    .join("|")

const make = Effect.fnUntraced(function* (everyMillis: number) {
  const { configured } = yield* Installed
  const given = (typeof configured.given === "object" ? configured.given : undefined) ?? {}
  const plugins: ReadonlyArray<Section> = configured.plugins
  const current = yield* SubscriptionRef.make<Sections>(given as Sections)
  let loaded: Loaded | undefined = loadedOf(given)

  const reload = Effect.gen(function* () {
    if (loaded === undefined) return
    const next = yield* loaded.again
    yield* decode(plugins, next.config)
    loaded = next
    yield* SubscriptionRef.set(current, next.config)
  })

  let stamp = loaded === undefined ? "" : stampOf(loaded.looked)
  const look = Effect.gen(function* () {
    if (loaded === undefined) return
    const now = stampOf(loaded.looked)
    if (now === stamp) return
    stamp = now
    yield* Effect.catchTag(reload, "ConfigInvalid", (error) =>
      Effect.logError(`The configuration has changed and is wrong; what was read before stays.\n${error.message}`)
    )
  })
  if (loaded !== undefined) {
    yield* Effect.forkScoped(Effect.forever(Effect.delay(look, everyMillis)))
  }

  const changes: ConfigChangesShape = {
    section: (name, schema) =>
      SubscriptionRef.changes(current).pipe(
        Stream.map((sections) => sections[name] ?? {}),
        // plain data, but for secrets that code wrapped, which do not change
        Stream.changesWith((before, after) => JSON.stringify(before) === JSON.stringify(after)),
        Stream.flatMap((section) =>
          Stream.fromEffect(Schema.decodeUnknownEffect(schema)(section)).pipe(
            Stream.catchCause((cause) =>
              Stream.drain(
                Stream.fromEffect(Effect.logError(`The section "${name}" does not fit what is made of it.`, cause))
              )
            )
          )
        )
      ),
    reload
  }
  return changes
})

/** The levels of the log are what is changed most while an app runs. */
const followLog = Effect.fnUntraced(function* (section: ConfigChangesShape["section"]) {
  const { configured } = yield* Installed
  if (!configured.plugins.some(({ name }) => name === "log")) return
  const changes = section("log", LogPlugin.LogConfig).pipe(Stream.drop(1))
  yield* Effect.forkScoped(Stream.runForEach(changes, LogPlugin.adjust))
})

/**
 * Watches the sources; the levels and samples of the log follow them. `live-config.everyMillis`: how often the files are
 * looked at, 1 000 unless told otherwise.
 */
export const liveConfig = Plugin.define({
  name: "live-config",
  config: Schema.Struct({
    everyMillis: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 20, maximum: 3_600_000 })))
  }),
  provides: [ConfigChanges],
  layer: ({ config }) =>
    Layer.effect(
      ConfigChanges,
      Effect.tap(make(config.everyMillis ?? 1000), ({ section }) => followLog(section))
    )
})
