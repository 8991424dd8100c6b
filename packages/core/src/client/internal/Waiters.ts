import type * as Exit from "effect/Exit"
import type { Message } from "../../transport/Contract.ts"

/** Who waits for the answer to one request. */
export interface Waiter {
  readonly message: Message
  readonly settle: (answer: Exit.Exit<unknown, unknown>) => void
  /** Takes one element, where the answer is a stream. */
  readonly item: ((value: unknown) => void) | undefined
}

/** Who waits, by id, in the order of asking. */
export class Waiters {
  private readonly byId = new Map<number, Waiter>()
  private readonly changed: () => void
  /** Waiters for a single answer. */
  single = 0

  /** `changed` is called when the first begins to wait for a single answer, and when none does any more. */
  constructor(changed: () => void) {
    this.changed = changed
  }

  get(id: number): Waiter | undefined {
    return this.byId.get(id)
  }
  has(id: number): boolean {
    return this.byId.has(id)
  }
  /** The id that has waited longest; 0 for none. */
  get first(): number {
    return this.byId.keys().next().value ?? 0
  }

  /** One that is there already keeps its place in the order. */
  set(id: number, waiter: Waiter): void {
    const before = this.byId.get(id)
    this.byId.set(id, waiter)
    this.count((isSingle(waiter) ? 1 : 0) - (before !== undefined && isSingle(before) ? 1 : 0))
  }

  take(id: number): Waiter | undefined {
    const waiter = this.byId.get(id)
    if (waiter === undefined) return undefined
    this.byId.delete(id)
    if (isSingle(waiter)) this.count(-1)
    return waiter
  }

  /** Takes all. */
  clear(): ReadonlyArray<Waiter> {
    const all = [...this.byId.values()]
    this.byId.clear()
    this.single = 0
    return all
  }

  private count(more: number): void {
    const before = this.single
    this.single += more
    if ((before === 0) !== (this.single === 0)) this.changed()
  }
}

const isSingle = (waiter: Waiter): boolean => waiter.item === undefined
