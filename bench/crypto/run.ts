/** Area `crypto`: time of one operation, beside node:crypto by hand, noble and libsodium. */
import { matches, type Options, type Row, rowsOf } from "../report/Row.ts"
import { aead } from "./aead.ts"
import type { CryptoCase, Loop } from "./Case.ts"
import { keys } from "./keys.ts"
import { protocols } from "./protocols.ts"

/** How often a subject does it in about `millis`. */
const countFor = async (loop: Loop, millis: number): Promise<number> => {
  for (let count = 1; ; count *= 2) {
    const began = performance.now()
    await loop(count)
    const took = performance.now() - began
    if (took > millis / 4) return Math.max(1, Math.round((count * millis) / took))
  }
}

const measure = async ({ name, ratioTo, subjects }: CryptoCase, options: Options): Promise<ReadonlyArray<Row>> => {
  const wanted = options.subjects
  const chosen = Object.entries(subjects).filter(
    ([subject]) => wanted === undefined || subject === ratioTo || wanted.includes(subject)
  )
  const [millis, rounds] = options.quick ? [15, 5] : [40, 15]
  const counts = new Map<string, number>()
  for (const [subject, loop] of chosen) counts.set(subject, await countFor(loop, millis))
  const micros = new Map<string, Array<number>>(chosen.map(([subject]) => [subject, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [subject, loop] of chosen) {
      const count = counts.get(subject) ?? 1
      const began = performance.now()
      await loop(count)
      micros.get(subject)?.push(((performance.now() - began) * 1000) / count)
    }
  }
  return rowsOf({ case: name, metric: "time", unit: "us/operation", ratioTo }, micros)
}

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  const cases = [...(await aead()), ...(await keys()), ...(await protocols())].filter(({ name }) =>
    matches(name, options)
  )
  const rows: Array<Row> = []
  for (const one of cases) {
    console.error(one.name)
    rows.push(...(await measure(one, options)))
  }
  return rows
}
