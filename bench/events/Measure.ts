/** A way to move events: `round` sends so many and is done when all have arrived. */
export interface Subject {
  readonly name: string
  /** Deliveries for one event. */
  readonly fanOut: number
  readonly round: (events: number) => Promise<void>
  readonly close: () => Promise<void>
}

export interface Sampled {
  /** Deliveries per second. */
  readonly rate: number
  /** CPU time of the process per event, in microseconds. */
  readonly cpuMicros: number
}

/** One sample of each subject per round, in turns: whatever else the machine does meets all of them alike. */
export const alternate = async (
  subjects: ReadonlyArray<Subject>,
  options: { readonly rounds: number; readonly events: number }
): Promise<ReadonlyMap<string, ReadonlyArray<Sampled>>> => {
  const samples = new Map<string, Array<Sampled>>(subjects.map(({ name }) => [name, []]))
  // compiled and warm before anything counts
  for (const subject of subjects) await subject.round(options.events)
  for (let round = 0; round < options.rounds; round++) {
    for (const subject of subjects) {
      const cpu = process.cpuUsage()
      const began = performance.now()
      await subject.round(options.events)
      const millis = performance.now() - began
      const { system, user } = process.cpuUsage(cpu)
      samples.get(subject.name)?.push({
        rate: (options.events * subject.fanOut * 1000) / millis,
        cpuMicros: (user + system) / options.events
      })
    }
  }
  return samples
}
