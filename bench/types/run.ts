/** What the type checker spends on large compositions, and on many models, beside the budgets. */
import { matches, type Options, type Row, rowsOf } from "../report/Row.ts"
import { instantiations } from "./instantiations.ts"
import { models } from "./models.ts"
import { bare, composed } from "./plugins.ts"

interface Case {
  readonly case: string
  /** Instantiations that `mortise` may cost. */
  readonly budget: number
  readonly subjects: { readonly [name: string]: () => Promise<number> }
}

const node = ["node"]

export const cases: ReadonlyArray<Case> = [
  {
    case: "plugins/200",
    budget: 300_000,
    subjects: {
      mortise: () => instantiations(composed(200), node),
      "effect-alone": () => instantiations(bare(200), node)
    }
  },
  {
    case: "models/100",
    budget: 120_000,
    subjects: {
      mortise: () => instantiations(models(100, false), node),
      "mortise-queried": () => instantiations(models(100, true), node)
    }
  }
]

const measured = async ({ budget, case: name, subjects }: Case, options: Options): Promise<ReadonlyArray<Row>> => {
  const values = new Map<string, ReadonlyArray<number>>([["budget", [budget]]])
  for (const [subject, measure] of Object.entries(subjects)) {
    if (options.subjects === undefined || options.subjects.includes(subject)) values.set(subject, [await measure()])
  }
  return rowsOf({ case: name, metric: "instantiations", unit: "count", ratioTo: "budget" }, values)
}

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const one of cases) if (matches(one.case, options)) rows.push(...(await measured(one, options)))
  return rows
}
