/** Area `log`: what a log costs an echo, and what a line costs. */
import { matches, type Options, type Row, rowsOf } from "../report/Row.ts"
import { cases as echoes } from "../transports/cases.ts"
import { full, measure as measureEcho, quick } from "../transports/run.ts"
import type { Subject } from "../transports/subjects.ts"
import { bytesMade, type LineCase, cases as lines } from "./lines.ts"

/** Each with a log beside itself without. */
const groups: ReadonlyArray<readonly [Subject, ...ReadonlyArray<Subject>]> = [
  ["mortise-inline", "mortise-inline-logged"],
  ["mortise-fiber", "mortise-fiber-logged", "mortise-fiber-refused-line"]
]
const echo = echoes.filter(({ name }) => name === "echo/tcp/binary/64B/c50" || name === "echo/ws/json/64B/c50")

const wants = (subject: string, { subjects }: Options): boolean => subjects === undefined || subjects.includes(subject)

const LINES = 20_000

const measureLines = async ({ name, ratioTo, subjects }: LineCase, options: Options): Promise<ReadonlyArray<Row>> => {
  const chosen = Object.entries(subjects).filter(([subject]) => subject === ratioTo || wants(subject, options))
  const micros = new Map<string, Array<number>>(chosen.map(([subject]) => [subject, []]))
  const rounds = options.quick ? 5 : 15
  for (let round = -3; round < rounds; round++) {
    for (const [subject, loop] of chosen) {
      const began = performance.now()
      await loop(LINES)
      if (round >= 0) micros.get(subject)?.push(((performance.now() - began) * 1000) / LINES)
    }
  }
  if (name === "line/written" && bytesMade() === 0) throw new Error("no line was written")
  return rowsOf({ case: name, metric: "time", unit: "us/line", ratioTo }, micros)
}

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const one of echo.filter(({ name }) => matches(name, options))) {
    for (const [plain, ...others] of groups) {
      const chosen = others.filter((subject) => wants(subject, options))
      if (chosen.length === 0) continue
      rows.push(...(await measureEcho(one, [plain, ...chosen], options.quick ? quick : full, plain)))
    }
  }
  for (const one of lines) {
    if (!matches(one.name, options)) continue
    console.error(one.name)
    rows.push(...(await measureLines(one, options)))
  }
  return rows
}
