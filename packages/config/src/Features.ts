/**
 * Feature flags: what of an app is on, for all or for a part of its users, changed while it runs. Flags are declared in code
 * and set in the section `features` of the configuration; one that nobody declared is refused there.
 *
 * @example
 * export const features = Features.define("app", {
 *   search: { about: "full-text search in rooms", initial: false },
 *   reactions: { about: "reactions to messages", initial: true }
 * })
 * // in the app: liveConfig(), features.plugin()
 * // in config/default.yaml: features: { search: { percent: 10 } }
 * const on = yield* features.enabled("search", principal.id)
 */
import { hash } from "node:crypto"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { ConfigChanges } from "./ConfigChanges.ts"

/** On, off, or on for a share of the subjects. */
export const Setting = Schema.Union([
  Schema.Boolean,
  Schema.Struct({
    /** 0 to 100. A subject that is in stays in while the share grows. */
    percent: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 }))
  })
])
export type Setting = typeof Setting.Type

export interface Flag {
  /** What it turns on; becomes its description in the page of reference. */
  readonly about: string
  /** Where the configuration says nothing. */
  readonly initial: Setting
}

export interface Flags {
  readonly settings: () => Readonly<Record<string, Setting>>
}

/** 0 up to 100, the same for the same flag and subject, spread evenly: the first 32 bits of SHA-256. */
const shareOf = (flag: string, subject: string): number =>
  (Number.parseInt(hash("sha256", `${flag}:${subject}`, "hex").slice(0, 8), 16) / 2 ** 32) * 100

/** Whether a setting holds for a subject. Without a subject a share is on only at 100. */
export const holds = (flag: string, setting: Setting, subject: string | undefined): boolean => {
  if (typeof setting === "boolean") return setting
  return setting.percent >= 100 || (subject !== undefined && shareOf(flag, subject) < setting.percent)
}

/** Declares the flags of an app: a plugin, which needs `liveConfig()`, and the question whether one is on. */
export const define = <const Name extends string, const Names extends string>(
  name: Name,
  flags: { readonly [N in Names]: Flag }
) => {
  class Service extends Context.Service<Service, Flags>()(`@mortise/config/Features/${name}`) {}
  const entries = Object.entries<Flag>(flags)
  const fields = Object.fromEntries(
    entries.map(([flag, { about }]) => [flag, Schema.optionalKey(Setting.annotate({ description: about }))])
  ) as { readonly [N in Names]: Schema.optionalKey<typeof Setting> }
  const config = Schema.Struct(fields)
  const initial = Object.fromEntries(entries.map(([flag, { initial }]) => [flag, initial]))

  const plugin = Plugin.define({
    name: "features",
    config,
    provides: [Service],
    requires: [ConfigChanges],
    layer: (given) =>
      Layer.effect(
        Service,
        Effect.gen(function* () {
          let settings: Readonly<Record<string, Setting>> = { ...initial, ...given.config }
          const changes = yield* ConfigChanges
          yield* changes.section("features", config).pipe(
            Stream.runForEach((section) =>
              Effect.sync(() => {
                settings = { ...initial, ...section }
              })
            ),
            Effect.forkScoped
          )
          return { settings: () => settings }
        })
      )
  })

  return {
    plugin,
    /** Whether a flag is on, for `subject` where that matters: an account, a room, a connection. */
    enabled: (flag: Names, subject?: string): Effect.Effect<boolean, never, Service> =>
      Effect.map(Service, ({ settings }) => holds(flag, settings()[flag] ?? false, subject)),
    /** The settings as they are now, for a page of an operator. */
    settings: Effect.map(Service, ({ settings }) => settings() as { readonly [N in Names]: Setting })
  }
}
