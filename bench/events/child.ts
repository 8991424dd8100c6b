/** One subject in a process of its own: answers with a sample of each round. */
import { answer } from "../process/Child.ts"
import { cases } from "./cases.ts"
import { sample } from "./Measure.ts"

const [name, subjectName] = process.argv.slice(2)
const one = cases.find((one) => one.name === name)
const make = one?.subjects[subjectName ?? ""]
if (one === undefined || make === undefined) throw new Error("usage: child.ts <case> <subject>")
const subject = await make()

answer(() => sample(subject, one.events))
