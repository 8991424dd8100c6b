/** What every subject does; each in a process of its own. */
export interface Subject {
  /** Milliseconds to enqueue `count` tasks in batches of 1 000 and to work them off, 50 at a time. */
  readonly batched?: (count: number) => Promise<number>
  /** Milliseconds to enqueue `count` tasks one by one and to work them off one by one. */
  readonly single?: (count: number) => Promise<number>
  /** Milliseconds to work `count` tasks off, 50 at a time, while `waiting` others of other names are in the table. */
  readonly backlog?: (count: number, waiting: number) => Promise<number>
  /** Milliseconds from enqueue to the begin of the handler, while nothing else is to do: the median of `count`. */
  readonly pickup?: (count: number) => Promise<number>
}

export const sizes = { batch: 1000, claim: 50 } as const
export const payloadOf = (n: number) => ({
  n,
  to: `user-${n}@example.org`,
  text: "a line of some length, as mails have"
})
