/** Area `events`: what the bus costs, in one process and over NATS. */
import { Child } from "../process/Child.ts"
import { matches, type Options, type Row, rowsOf } from "../report/Row.ts"
import { type Case, cases } from "./cases.ts"
import type { Sampled } from "./Measure.ts"

/** The first rounds in a process are compiled while they run. */
const WARM_UPS = 3

/** A process for each subject, which take turns: whatever else the machine does meets all of them alike. */
const epoch = async (one: Case, names: ReadonlyArray<string>, rounds: number, values: Map<string, Array<number>>) => {
  const children = names.map((name) => new Child(name, new URL("./child.ts", import.meta.url), [one.name, name]))
  try {
    for (let round = -WARM_UPS; round < rounds; round++) {
      for (const child of children) {
        const sampled = await child.ask<Sampled>({})
        if (round >= 0) values.get(child.name)?.push(one.valueOf(sampled))
      }
    }
  } finally {
    for (const child of children) child.stop()
  }
}

const measure = async (one: Case, { quick, subjects: wanted }: Options): Promise<Array<Row>> => {
  const { metric, name, ratioTo, unit } = one
  const names = Object.keys(one.subjects).filter((n) => n === ratioTo || wanted === undefined || wanted.includes(n))
  const values = new Map<string, Array<number>>(names.map((name) => [name, []]))
  // no two processes are optimised alike
  for (let at = 0; at < (quick ? 1 : 3); at++) await epoch(one, names, quick ? 5 : 15, values)
  return rowsOf({ case: name, metric, unit, ratioTo }, values)
}

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const one of cases) if (matches(one.name, options)) rows.push(...(await measure(one, options)))
  return rows
}
