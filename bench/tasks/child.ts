/** One subject in a process of its own: answers with the figure of a case. */
import { answer } from "../process/Child.ts"
import { cases } from "./cases.ts"
import type { Subject } from "./Subject.ts"

const [name, file] = process.argv.slice(2)
if (name === undefined || file === undefined) throw new Error("usage: child.ts <subject> <file>")

const { open } = (await import(`./subjects/${name}.ts`)) as { readonly open: (file: string) => Subject }
const subject = open(file)

answer(async ({ name, quick }: { readonly name: string; readonly quick: boolean }) => {
  const one = cases.find((one) => one.name === name)
  if (one === undefined) throw new Error(`no such case: ${name}`)
  return await one.measure(subject, quick)
})
