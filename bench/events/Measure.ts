/** A way to move events: `round` sends so many and is done when all have arrived. */
export interface Subject {
  /** Deliveries for one event. */
  readonly fanOut: number
  readonly round: (events: number) => Promise<void>
}
export type Subjects = { readonly [name: string]: () => Promise<Subject> }

export interface Sampled {
  /** Deliveries per second. */
  readonly rate: number
  /** CPU time of the process per event, in microseconds. */
  readonly cpuMicros: number
}

export const sample = async ({ fanOut, round }: Subject, events: number): Promise<Sampled> => {
  const cpu = process.cpuUsage()
  const began = performance.now()
  await round(events)
  const millis = performance.now() - began
  const { system, user } = process.cpuUsage(cpu)
  return { rate: (events * fanOut * 1000) / millis, cpuMicros: (user + system) / events }
}
