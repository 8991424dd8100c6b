/** One subject in a process of its own: answers with the milliseconds that a case took, after it compared the result. */
import assert from "node:assert/strict"
import { DatabaseSync } from "node:sqlite"
import { answer } from "../process/Child.ts"
import { cases } from "./cases.ts"
import { authors, items, posts, pragmas, type Subject, tables } from "./shared.ts"

const [name, kind, place] = process.argv.slice(2)
if (name === undefined || place === undefined) throw new Error("usage: child.ts <subject> <database> <place>")

if (kind === "sqlite") {
  const database = new DatabaseSync(place)
  database.exec(pragmas)
  for (const sql of tables) database.exec(sql)
  database.close()
}

const module = kind === "sqlite" ? name : `${name}-${kind}`
const { open } = (await import(`./subjects/${module}.ts`)) as {
  readonly open: (place: string) => Subject | Promise<Subject>
}
const subject = await open(place)
await subject.seed(authors, posts)
await subject.insertMany(items.slice(0, 100))
assert.deepEqual(await subject.byId(7), items[6])
await subject.clear()

answer(async ({ name }: { readonly name: string }) => {
  const one = cases.find((one) => one.name === name)
  if (one === undefined) throw new Error(`no such case: ${name}`)
  // a collection forgets the code that was optimised for objects that are no more; a program that runs has it again at once
  globalThis.gc?.()
  await one.before(subject)
  await one.run(subject)
  await one.before(subject)
  const began = performance.now()
  const result = await one.run(subject)
  const millis = performance.now() - began
  await one.check(subject, result)
  return millis
})
