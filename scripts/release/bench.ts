/**
 * The bench guard: figures kept in `bench/guard.json`, held to a run. Only ratios, sizes and counts stand there, which mean the
 * same on every machine; tests assert none of them, because a busy machine is no broken program.
 */
import { readFileSync } from "node:fs"
import path from "node:path"
import { program } from "../Step.ts"
import { root } from "../workspace.ts"
import type { Check, Result } from "./Check.ts"

export interface Figure {
  readonly area: string
  readonly case: string
  readonly subject: string
  readonly metric: string
  /** `ratio` to the subject that the case compares with, or the `value` itself. */
  readonly what: "ratio" | "value"
  readonly recorded: number
  /** How much more is taken for the same, as a part: 0.25 is a quarter. */
  readonly tolerance: number
  /** Whether more is better, as of a rate. */
  readonly moreIsBetter?: boolean
}

export interface Row {
  readonly case: string
  readonly subject: string
  readonly metric: string
  readonly value: number
  readonly ratio: number | null
}

const shown = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: 2 })

/** What a run says of the figures of its area. */
export const judgeFigures = (figures: ReadonlyArray<Figure>, rows: ReadonlyArray<Row>): ReadonlyArray<string> =>
  figures.flatMap((figure) => {
    const name = `${figure.case}, ${figure.subject}`
    const row = rows.find(
      (row) => row.case === figure.case && row.subject === figure.subject && row.metric === figure.metric
    )
    const measured = row?.[figure.what]
    if (measured === undefined || measured === null)
      return [`${name}: the run has no ${figure.what} of ${figure.metric}`]
    const bound = figure.recorded * (figure.moreIsBetter === true ? 1 / (1 + figure.tolerance) : 1 + figure.tolerance)
    const holds = figure.moreIsBetter === true ? measured >= bound : measured <= bound
    if (holds) return []
    return [
      `${name}: ${figure.metric} is ${shown(measured)}, recorded is ${shown(figure.recorded)} (bound ${shown(bound)})`
    ]
  })

/** The last line that is a JSON array: progress may stand around it. */
const rowsOf = (output: string): ReadonlyArray<Row> => {
  const line = output.split("\n").findLast((one) => one.startsWith("["))
  if (line === undefined) throw new Error(`the bench printed no rows:\n${output}`)
  return JSON.parse(line) as ReadonlyArray<Row>
}

const measure = async (area: string, figures: ReadonlyArray<Figure>): Promise<ReadonlyArray<string>> => {
  const problems: Array<string> = []
  for (const name of new Set(figures.map((figure) => figure.case))) {
    const args = ["--disable-warning=ExperimentalWarning", "bench/run.ts", area, "--case", name, "--quick", "--json"]
    const { code, output } = await program(process.execPath, args)
    if (code !== 0) problems.push(`${area} ${name} could not be measured:\n${output}`)
    else
      problems.push(
        ...judgeFigures(
          figures.filter((figure) => figure.case === name),
          rowsOf(output)
        )
      )
  }
  return problems
}

/** The kept figures. */
export const figures = (): ReadonlyArray<Figure> =>
  JSON.parse(readFileSync(path.join(root, "bench", "guard.json"), "utf8")) as ReadonlyArray<Figure>

export const bench: Check = {
  name: "bench guard",
  about: "the figures of bench/guard.json against a run; needs a machine that does nothing else",
  run: async (): Promise<Result> => {
    const kept = figures()
    const problems: Array<string> = []
    for (const [area, own] of Object.entries(Object.groupBy(kept, ({ area }) => area))) {
      problems.push(...(await measure(area, own ?? [])))
    }
    return { found: `${kept.length} figures are as recorded, or better`, problems }
  }
}
