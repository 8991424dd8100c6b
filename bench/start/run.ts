/** Area `start`: from the start of the process to the last listener ready, with a warm compile cache. */
import path from "node:path"
import { scratch } from "../process/scratch.ts"
import { matches, type Options, type Row, rowsOf } from "../report/Row.ts"
import { timeToReady } from "./measure.ts"
import { programs } from "./programs.ts"

const CASE = "start/compile-cache"
/** The cache is written when a process ends; the second start already reads it. */
const WARM_UPS = 2

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  if (!matches(CASE, options)) return []
  const rounds = options.quick ? 5 : 21
  const all = await programs(scratch())
  const millis = new Map<string, Array<number>>(all.map(({ subject }) => [subject, []]))
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const program of all) {
      const ready = await timeToReady(program, path.join(scratch(), "compiled"))
      if (round >= 0) millis.get(program.subject)?.push(ready)
    }
  }
  return rowsOf({ case: CASE, metric: "ready", unit: "ms", ratioTo: "node-http" }, millis)
}
