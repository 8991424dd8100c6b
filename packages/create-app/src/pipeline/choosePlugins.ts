import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import type { App } from "../evolve/App.ts"
import { choose } from "../evolve/choose.ts"
import { complete } from "../evolve/complete.ts"
import { presentIn } from "../evolve/present.ts"
import { firstTaken } from "../evolve/services.ts"
import { isIn } from "../evolve/Wish.ts"
import type { KnownPlugin } from "../plugin/KnownPlugin.ts"
import { Plugins } from "../plugin/Plugins.ts"
import type { Checked } from "./Stage.ts"
import { showAnswer } from "./showAnswer.ts"

const choice = (plugin: KnownPlugin) => ({
  title: [plugin.name, ...(plugin.aliases ?? [])].join(", "),
  description: plugin.summary,
  value: plugin
})

const askFor = Effect.fnUntraced(function* (plugins: ReadonlyArray<KnownPlugin>) {
  const message = "What else? (space selects)"
  const chosen = yield* Prompt.run(Prompt.MultiSelect({ message, choices: plugins.map(choice) }))
  if (chosen.length === 0) yield* showAnswer(message, "nothing")
  return chosen
})

/** The plugins that a new app gets beside those of its template: by flag or by asking, with what they need. */
export const choosePlugins = Effect.fnUntraced(function* (checked: Checked) {
  const { directory, input, name, packageManager, template } = checked
  const known = yield* Effect.flatMap(Plugins, (plugins) => plugins.list)
  const uses = template.manifest.app.plugins.map(({ from, name }) => ({
    exported: { from, name },
    kind: "plain" as const,
    replaces: undefined
  }))
  const app: App = { root: directory, name, packageJson: {}, lock: undefined, packageManager, template }
  const catalogue = { plugins: known, broken: new Map(), fetched: [] }
  const found = yield* choose(app, catalogue, input.with)
  const all = found.catalogue.plugins
  const present = presentIn(uses, all)
  const absent = all.filter((plugin) => !isIn(present.plugins, plugin))
  const asked = input.canAsk && input.with.length === 0 && absent.length > 0 ? yield* askFor(absent) : []
  const wanted = [...found.chosen, ...asked].filter((plugin) => !isIn(present.plugins, plugin))
  const completed = yield* complete(wanted, {
    known: all,
    present: present.plugins,
    canAsk: input.canAsk,
    yes: input.yes,
    takeOnly: true,
    hint: (providers) => `--with ${[...input.with, ...providers.map(({ name }) => name)].join(",")}`
  })
  const taken = firstTaken(completed.all, present.plugins)
  if (taken !== undefined) return yield* taken
  return { plugins: completed.all, also: completed.also, known: all }
}, Effect.scoped)
