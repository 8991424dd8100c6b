import type { Subject } from "./Subject.ts"

export interface Case {
  readonly name: string
  readonly subjects: ReadonlyArray<string>
  readonly metric: "rate" | "pickup"
  readonly unit: string
  readonly ratioTo: string
  /** The figure, or undefined where the subject does not do that. */
  readonly measure: (subject: Subject, quick: boolean) => Promise<number> | undefined
}

/** Tasks in a second, of so many in so many milliseconds. */
const rate = (count: number, millis: Promise<number> | undefined): Promise<number> | undefined =>
  millis?.then((took) => (count / took) * 1000)

const rates = { metric: "rate", unit: "tasks/s", ratioTo: "plain-sql" } as const
const size = (quick: boolean, count: number): number => (quick ? count / 4 : count)

export const cases: ReadonlyArray<Case> = [
  {
    ...rates,
    name: "sqlite/batched",
    subjects: ["plain-sql", "mortise"],
    measure: (subject, quick) => rate(size(quick, 20_000), subject.batched?.(size(quick, 20_000)))
  },
  {
    ...rates,
    name: "sqlite/single",
    subjects: ["plain-sql", "mortise"],
    measure: (subject, quick) => rate(size(quick, 4000), subject.single?.(size(quick, 4000)))
  },
  {
    ...rates,
    name: "sqlite/backlog-1k",
    subjects: ["plain-sql", "mortise"],
    measure: (subject) => rate(5000, subject.backlog?.(5000, 1000))
  },
  {
    ...rates,
    name: "sqlite/backlog-200k",
    subjects: ["plain-sql", "mortise"],
    measure: (subject) => rate(5000, subject.backlog?.(5000, 200_000))
  },
  {
    ...rates,
    name: "memory/batched",
    ratioTo: "mortise-memory",
    subjects: ["mortise-memory"],
    measure: (subject, quick) => rate(size(quick, 20_000), subject.batched?.(size(quick, 20_000)))
  },
  {
    name: "idle/pickup",
    metric: "pickup",
    unit: "ms",
    ratioTo: "mortise-memory",
    subjects: ["mortise-memory", "mortise"],
    measure: (subject) => subject.pickup?.(100)
  }
]
