/** Area `transports`: CPU time of a server for each echo, beside a hand-written server of the same wire. */
import { matches, type Options, type Row, rowsOf } from "../report/Row.ts"
import { cases, type EchoCase } from "./cases.ts"
import { Launch } from "./Launch.ts"
import { type Subject, subjectsOf } from "./subjects.ts"

/** Milliseconds a subject is under load in one round, and how often. */
interface Plan {
  /** Fresh processes, because no two are optimised alike. */
  readonly launches: number
  /** Rounds of each launch; a round goes through all subjects, so that what disturbs the machine disturbs them alike. */
  readonly rounds: number
  /** Messages before the first round: code is optimised by how often it has run, not by how long. */
  readonly warmUpMessages: number
  readonly windowMillis: number
}
export const full: Plan = { launches: 3, rounds: 4, warmUpMessages: 300_000, windowMillis: 400 }
export const quick: Plan = { launches: 1, rounds: 4, warmUpMessages: 150_000, windowMillis: 150 }

/** A slow server is warm enough after this long. */
const WARM_UP_MILLIS = 2_000

const warmUp = async (launch: Launch, subject: Subject, plan: Plan): Promise<void> => {
  let messages = 0
  for (let millis = 0; messages < plan.warmUpMessages && millis < WARM_UP_MILLIS; millis += plan.windowMillis) {
    messages += (await launch.run(subject, plan.windowMillis)).messages
  }
}

export const measure = async (
  echo: EchoCase,
  subjects: ReadonlyArray<Subject>,
  plan: Plan,
  ratioTo: Subject = "limit"
): Promise<Array<Row>> => {
  const micros = new Map<Subject, Array<number>>(subjects.map((subject) => [subject, []]))
  for (let i = 0; i < plan.launches; i++) {
    console.error(
      `${echo.name}: ${subjects.join(", ")}${plan.launches > 1 ? `, launch ${i + 1} of ${plan.launches}` : ""}`
    )
    const launch = new Launch()
    try {
      await launch.open(echo, subjects)
      for (const subject of subjects) await warmUp(launch, subject, plan)
      for (let round = 0; round < plan.rounds; round++) {
        for (const subject of subjects) {
          const { messages, serverCpuNanos } = await launch.run(subject, plan.windowMillis)
          if (messages === 0) throw new Error(`${subject} answered nothing in ${plan.windowMillis} ms`)
          micros.get(subject)?.push(serverCpuNanos / 1000 / messages)
        }
      }
    } finally {
      launch.stop()
    }
  }
  return rowsOf({ case: echo.name, metric: "server-cpu", unit: "us/message", ratioTo }, micros)
}

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const echo of cases.filter((echo) => matches(echo.name, options))) {
    const subjects = subjectsOf(echo).filter(
      (subject) => subject === "limit" || options.subjects === undefined || options.subjects.includes(subject)
    )
    rows.push(...(await measure(echo, subjects, options.quick ? quick : full)))
  }
  return rows
}
