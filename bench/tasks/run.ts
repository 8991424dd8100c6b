/** Area `tasks`: deferred work on SQLite beside a queue by hand in the same table, and in memory. */
import path from "node:path"
import { Child } from "../process/Child.ts"
import { scratch } from "../process/scratch.ts"
import { matches, type Options, type Row, rowsOf } from "../report/Row.ts"
import { type Case, cases } from "./cases.ts"

/** The first run of a case in a process compiles and warms what the others use. */
const WARM_UPS = 1

const wanted = ({ ratioTo, subjects }: Case, { subjects: only }: Options): ReadonlyArray<string> =>
  only === undefined ? subjects : subjects.filter((subject) => subject === ratioTo || only.includes(subject))

const measure = async (one: Case, options: Options): Promise<ReadonlyArray<Row>> => {
  const measured = new Map<string, Array<number>>()
  // no two processes are optimised alike
  const epochs = options.quick ? 1 : 3
  const rounds = options.quick ? 3 : 5
  for (let epoch = 0; epoch < epochs; epoch++) {
    const children = wanted(one, options).map((subject) => {
      const file = path.join(scratch(), `${one.name.replaceAll("/", "-")}-${subject}-${epoch}.db`)
      return new Child(subject, new URL("./child.ts", import.meta.url), [subject, file])
    })
    try {
      for (let round = -WARM_UPS; round < rounds; round++) {
        for (const child of children) {
          const figure = await child.ask<number>({ name: one.name, quick: options.quick })
          if (round >= 0) measured.set(child.name, [...(measured.get(child.name) ?? []), figure])
        }
      }
    } finally {
      for (const child of children) child.stop()
    }
  }
  const { metric, name, ratioTo, unit } = one
  return rowsOf({ case: name, metric, unit, ratioTo }, measured)
}

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const one of cases.filter(({ name }) => matches(name, options))) rows.push(...(await measure(one, options)))
  return rows
}
