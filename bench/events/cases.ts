/** What is measured of events, and against what. */
import { manyPatterns, oneToFour } from "./inProcess.ts"
import type { Sampled, Subjects } from "./Measure.ts"
import { oneToOne } from "./nats.ts"

export interface Case {
  readonly name: string
  readonly metric: "deliveries" | "cpu"
  readonly unit: string
  readonly valueOf: (sample: Sampled) => number
  readonly ratioTo: string
  /** How many a round moves. */
  readonly events: number
  readonly subjects: Subjects
}

const deliveries = { metric: "deliveries", unit: "1/s", valueOf: ({ rate }: Sampled) => rate } as const
const cpu = { metric: "cpu", unit: "µs", valueOf: ({ cpuMicros }: Sampled) => cpuMicros } as const

export const cases: ReadonlyArray<Case> = [
  { name: "in-process/1-4", ...deliveries, ratioTo: "pubsub", events: 51_200, subjects: oneToFour },
  {
    name: "in-process/10k-patterns",
    ...deliveries,
    ratioTo: "mortise-handlers-one",
    events: 51_200,
    subjects: manyPatterns
  },
  { name: "nats/1-1", ...cpu, ratioTo: "bare", events: 12_800, subjects: oneToOne }
]
