/** Area `orm`: the same work through node:sqlite by hand, Mortise, Drizzle and Kysely. */
import path from "node:path"
import { Child } from "../process/Child.ts"
import { scratch } from "../process/scratch.ts"
import { matches, type Options, type Row, rowsOf } from "../report/Row.ts"
import { cases } from "./cases.ts"

const LIMIT = "raw"
const subjects = [LIMIT, "mortise", "drizzle", "kysely"]
/** The first run of a case in a process compiles and warms what the others use. */
const WARM_UPS = 2

const wanted = ({ subjects: only }: Options): ReadonlyArray<string> =>
  only === undefined ? subjects : subjects.filter((subject) => subject === LIMIT || only.includes(subject))

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  const chosen = cases.filter(({ name }) => matches(name, options))
  const millis = new Map(chosen.map(({ name }) => [name, new Map<string, Array<number>>()]))
  // no two processes are optimised alike
  const epochs = options.quick ? 1 : 3
  const rounds = options.quick ? 3 : 5
  for (let epoch = 0; epoch < epochs && chosen.length > 0; epoch++) {
    const children = wanted(options).map((subject) => {
      const file = path.join(scratch(), `${subject}-${epoch}.db`)
      return new Child(subject, new URL("./child.ts", import.meta.url), [subject, file])
    })
    try {
      for (const { name } of chosen) {
        for (let round = -WARM_UPS; round < rounds; round++) {
          for (const child of children) {
            const took = await child.ask<number>({ name })
            const bySubject = millis.get(name)
            const times = bySubject?.get(child.name) ?? []
            if (round >= 0) bySubject?.set(child.name, [...times, took])
          }
        }
      }
    } finally {
      for (const child of children) child.stop()
    }
  }
  return [...millis].flatMap(([name, measured]) =>
    rowsOf({ case: name, metric: "time", unit: "ms", ratioTo: LIMIT }, measured)
  )
}
