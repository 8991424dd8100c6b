/** What the type checker spends on large compositions, beside the budget and beside the same layers without plugins. */
import { matches, type Options, type Row, rowsOf } from "../report/Row.ts"
import { instantiations } from "./instantiations.ts"
import { bare, composed } from "./plugins.ts"

/** Instantiations that 200 composed plugins may cost. */
export const budget = 300_000

const plugins = 200
const about = { case: `plugins/${plugins}`, metric: "instantiations", unit: "count", ratioTo: "budget" }

const subjects: { readonly [name: string]: () => number | Promise<number> } = {
  budget: () => budget,
  mortise: () => instantiations(composed(plugins)),
  "effect-alone": () => instantiations(bare(plugins))
}

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  if (!matches(about.case, options)) return []
  const measured = new Map<string, ReadonlyArray<number>>()
  for (const [name, measure] of Object.entries(subjects)) {
    const wanted = options.subjects === undefined || name === about.ratioTo || options.subjects.includes(name)
    if (wanted) measured.set(name, [await measure()])
  }
  return rowsOf(about, measured)
}
