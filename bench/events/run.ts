/** Area `events`: what the bus costs, in one process and over NATS. */
import { matches, type Options, type Row, rowsOf } from "../report/Row.ts"
import { alternate, type Sampled, type Subject } from "./Measure.ts"

interface Case {
  readonly name: string
  readonly metric: "deliveries" | "cpu"
  readonly ratioTo: string
  readonly events: number
  readonly load: () => Promise<ReadonlyArray<Subject>>
}

const cases: ReadonlyArray<Case> = [
  {
    name: "in-process/1-4",
    metric: "deliveries",
    ratioTo: "pubsub",
    events: 51_200,
    load: async () => (await import("./inProcess.ts")).oneToFour()
  },
  {
    name: "in-process/10k-patterns",
    metric: "deliveries",
    ratioTo: "mortise-handlers-one",
    events: 51_200,
    load: async () => (await import("./inProcess.ts")).manyPatterns()
  },
  {
    name: "nats/1-1",
    metric: "cpu",
    ratioTo: "bare",
    events: 12_800,
    load: async () => (await import("./nats.ts")).oneToOne()
  }
]

const units = { deliveries: "1/s", cpu: "µs" } as const
const valueOf = (metric: Case["metric"], sample: Sampled): number =>
  metric === "deliveries" ? sample.rate : sample.cpuMicros

const measure = async ({ events, load, metric, name, ratioTo }: Case, options: Options): Promise<Array<Row>> => {
  const wanted = options.subjects
  const all = await load()
  const chosen = wanted === undefined ? all : all.filter((one) => one.name === ratioTo || wanted.includes(one.name))
  try {
    const samples = await alternate(chosen, { rounds: options.quick ? 5 : 61, events })
    const values = new Map([...samples].map(([of, list]) => [of, list.map((sample) => valueOf(metric, sample))]))
    return rowsOf({ case: name, metric, unit: units[metric], ratioTo }, values)
  } finally {
    for (const subject of all) await subject.close()
  }
}

export const run = async (options: Options): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const one of cases) if (matches(one.name, options)) rows.push(...(await measure(one, options)))
  return rows
}
