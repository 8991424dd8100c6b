/** Area `orm`: the same work by hand, through Mortise, and on SQLite through Drizzle and Kysely. */
import path from "node:path"
import { Child } from "../process/Child.ts"
import { scratch } from "../process/scratch.ts"
import { matches, type Options, type Row, rowsOf } from "../report/Row.ts"
import { cases } from "./cases.ts"
import { makePostgres, type Place, postgresAnswers } from "./postgres.ts"
import { type Database, databases } from "./shared.ts"

const LIMIT = "raw"
const subjects: { readonly [D in Database]: ReadonlyArray<string> } = {
  sqlite: [LIMIT, "mortise", "drizzle", "kysely"],
  postgres: [LIMIT, "mortise"]
}
/** The first run of a case in a process compiles and warms what the others use. */
const WARM_UPS = 1

type Millis = Map<string, Map<string, Array<number>>>

/** One set of processes, each with a database of its own, which take turns. */
const epoch = async (
  database: Database,
  names: ReadonlyArray<string>,
  millis: Millis,
  options: Options,
  at: number
) => {
  const { subjects: only } = options
  const wanted = subjects[database].filter((one) => one === LIMIT || only === undefined || only.includes(one))
  const places = await Promise.all(
    wanted.map(
      async (subject): Promise<Place> =>
        database === "sqlite"
          ? { place: path.join(scratch(), `${subject}-${at}.db`), drop: async () => undefined }
          : makePostgres()
    )
  )
  const children = wanted.map(
    (subject, i) =>
      new Child(subject, new URL("./child.ts", import.meta.url), [subject, database, places[i]?.place ?? ""])
  )
  try {
    for (const name of names) {
      for (let round = -WARM_UPS; round < (options.quick ? 3 : 5); round++) {
        for (const child of children) {
          const took = await child.ask<number>({ name })
          const bySubject = millis.get(name)
          if (round >= 0) bySubject?.set(child.name, [...(bySubject.get(child.name) ?? []), took])
        }
      }
    }
  } finally {
    for (const child of children) child.stop()
    for (const { drop } of places) await drop()
  }
}

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  const millis: Millis = new Map()
  for (const database of databases) {
    const names = cases.filter((one) => one.database === database && matches(one.name, options)).map(({ name }) => name)
    if (names.length === 0) continue
    if (database === "postgres" && !(await postgresAnswers())) continue
    for (const name of names) millis.set(name, new Map())
    // no two processes are optimised alike
    for (let at = 0; at < (options.quick ? 1 : 3); at++) await epoch(database, names, millis, options, at)
  }
  return [...millis].flatMap(([name, measured]) =>
    rowsOf({ case: name, metric: "time", unit: "ms", ratioTo: LIMIT }, measured)
  )
}
