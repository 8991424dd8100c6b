import type { KnownPlugin } from "../plugin/KnownPlugin.ts"
import type * as Lock from "../workspace/Lock.ts"
import type { App } from "./App.ts"
import { byHand } from "./byHand.ts"
import { isSame } from "./choose.ts"

/** What is to change in an app. */
export interface Wish {
  readonly app: App
  /** Every plugin that is known, the app's own among them. */
  readonly known: ReadonlyArray<KnownPlugin>
  readonly add: ReadonlyArray<KnownPlugin>
  /** Those of `add` that were not asked for, but are needed by others. */
  readonly also: ReadonlyArray<KnownPlugin>
  readonly remove: ReadonlyArray<KnownPlugin>
  /** Bring and take what the app's template has for them. */
  readonly parts: boolean
}

/** What edits have made around themselves. */
export type Made = Set<NonNullable<Lock.Lock["made"]>[number]>

export const isIn = (plugins: ReadonlyArray<KnownPlugin>, plugin: Pick<KnownPlugin, "from" | "factory">): boolean =>
  plugins.some((each) => isSame(each, plugin))

/** What was recorded of plugins that were added before. */
export const recordsOf = ({ app }: Wish): ReadonlyArray<Lock.AddedPlugin> => app.lock?.plugins ?? []
export const recordOf = (wish: Wish, plugin: KnownPlugin): Lock.AddedPlugin | undefined =>
  recordsOf(wish).find((record) => isSame(record, plugin))
/** The records of those that stay. */
export const staying = (wish: Wish): ReadonlyArray<Lock.AddedPlugin> =>
  recordsOf(wish).filter((record) => !isIn(wish.remove, record))

/** A record as a plugin; when its package has gone, what it provides is not known. */
export const pluginOf = (record: Lock.AddedPlugin, known: ReadonlyArray<KnownPlugin>): KnownPlugin =>
  known.find((plugin) => isSame(plugin, record)) ?? {
    name: record.name,
    summary: "",
    from: record.from,
    factory: record.factory,
    provides: [],
    requires: [],
    package: record.package,
    version: record.version
  }

/** The code to write by hand. */
export const pasteOf = ({ add }: Wish): string => (add.length === 0 ? "" : byHand(add))
