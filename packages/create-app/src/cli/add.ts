import { styleText } from "node:util"
import * as Effect from "effect/Effect"
import { openApp } from "../evolve/App.ts"
import { type EvolveInput, listing, proposeAdd } from "../evolve/add.ts"
import { isIn } from "../evolve/Wish.ts"
import { serviceName } from "../plugin/KnownPlugin.ts"
import { alsoNote, namesOf } from "./added.ts"
import { carryOut, recoverFirst } from "./evolve.ts"
import { Report } from "./Report.ts"
import { table } from "./table.ts"

/** Runs `mortise add`. */
export const add = Effect.fnUntraced(function* (input: EvolveInput) {
  if (input.names.length === 0 && input.with.length === 0) return yield* list(input)
  const report = yield* Report
  yield* recoverFirst((yield* openApp(input.cwd, input.userAgent)).root)
  const { also, already, proposal } = yield* proposeAdd(input)
  if (already.length > 0) yield* report.say(`Already there: ${namesOf(already).join(", ")}.`)
  if (proposal === undefined) {
    yield* report.say("Nothing was changed.")
    return yield* report.result({ ok: true, added: [], already: namesOf(already), changes: [] })
  }
  const added = namesOf(proposal.wish.add)
  if (also.length > 0) yield* report.say(alsoNote(also))
  yield* carryOut(input, proposal, {
    done: `Added ${added.join(", ")}.`,
    result: { added, also: namesOf(also), already: namesOf(already) }
  })
}, Effect.scoped)

/** Lists what can be added. */
const list = Effect.fnUntraced(function* (input: EvolveInput) {
  const report = yield* Report
  const { catalogue, present } = yield* listing(input)
  const rows = catalogue.plugins.map((plugin) => {
    const called = [plugin.name, ...(plugin.aliases ?? [])].join(", ")
    const there = isIn(present.plugins, plugin)
    const services = plugin.provides.map(serviceName).join(", ")
    const needs = plugin.requires.map(serviceName).join(", ")
    const notes = [services === "" ? "" : `gives ${services}`, needs === "" ? "" : `needs ${needs}`].filter(
      (note) => note !== ""
    )
    const about = `${plugin.summary}${notes.length === 0 ? "" : styleText("dim", ` (${notes.join("; ")})`)}`
    return [there ? styleText("green", "✓") : " ", styleText("bold", called), about]
  })
  yield* report.say(`Plugins that can be added (✓: in the app):\n\n${table(rows)}`)
  for (const [name, reason] of catalogue.broken) yield* report.say(`\n${name} cannot be added: ${reason}.`)
  yield* report.say(
    `\nAdd with: mortise add NAME…\nA package of somebody else: mortise add @scope/package, or npm:package`
  )
  yield* report.result({
    ok: true,
    plugins: catalogue.plugins.map((plugin) => ({ ...plugin, present: isIn(present.plugins, plugin) }))
  })
})
