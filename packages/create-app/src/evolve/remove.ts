import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { isCalled, type KnownPlugin } from "../plugin/KnownPlugin.ts"
import { nearest } from "../project/Nearest.ts"
import { openApp } from "./App.ts"
import type { EvolveInput } from "./add.ts"
import { catalogueOf } from "./choose.ts"
import { presentOf } from "./present.ts"
import { type Proposal, propose } from "./propose.ts"
import { firstNeeded } from "./services.ts"
import { unneededWithout } from "./unneeded.ts"
import { isIn, pluginOf } from "./Wish.ts"

/** What is to be removed is not in the app. */
export class PluginAbsent extends Errors.make<PluginAbsent>()(
  "PluginAbsent",
  { component: "create-app", code: "REMOVE_PLUGIN_ABSENT", status: 404 },
  {
    name: Schema.String,
    nearest: Schema.NullOr(Schema.String),
    present: Schema.Array(Schema.String)
  }
) {
  override get message() {
    const hint = this.nearest === null ? "" : ` Did you mean ${this.nearest}?`
    const present = this.present.length === 0 ? "none that is known here" : this.present.join(", ")
    return `There is no plugin ${JSON.stringify(this.name)} in this app.${hint} It has: ${present}.`
  }
}

/** A removal that can be shown, and be written. */
export interface Removal extends Proposal {
  /** Plugins that came for those that are removed, and stay. */
  readonly unneeded: ReadonlyArray<KnownPlugin>
}

/** Works out what removing plugins does to an app; nothing is written. */
export const proposeRemove = Effect.fnUntraced(function* (input: EvolveInput) {
  const app = yield* openApp(input.cwd, input.userAgent)
  const catalogue = yield* catalogueOf(app)
  // a plugin whose package has been uninstalled is known by its record
  const recorded = (app.lock?.plugins ?? []).map((record) => pluginOf(record, catalogue.plugins))
  const known = [...catalogue.plugins, ...recorded.filter((plugin) => !isIn(catalogue.plugins, plugin))]
  const present = yield* presentOf(app, known, "")
  const removed: Array<KnownPlugin> = []
  for (const name of input.names) {
    const [word = name, inner] = name.replace(/^npm:/, "").split("#", 2)
    const plugin = present.plugins.find(
      (each) => isCalled(each, inner ?? word) || (inner === undefined && each.package === word)
    )
    if (plugin === undefined) {
      const names = present.plugins.map((each) => each.name)
      return yield* new PluginAbsent({ name, nearest: nearest(name, names) ?? null, present: names })
    }
    if (!isIn(removed, plugin)) removed.push(plugin)
  }
  const needed = firstNeeded(removed, present.plugins)
  if (needed !== undefined) return yield* needed
  const wish = { app, known, add: [], also: [], remove: removed, parts: input.parts }
  const proposal = yield* propose(wish, { check: input.check, install: input.install, fetched: [] })
  const removal: Removal = { ...proposal, unneeded: unneededWithout(wish, present.plugins) }
  return removal
})
