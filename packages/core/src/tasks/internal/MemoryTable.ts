import type { Claim, ClaimRequest, Enqueued, NewTask, SweepRequest, Swept, TaskRow, TaskState } from "../TaskStore.ts"
import { Heap } from "./Heap.ts"

export interface Entry {
  row: TaskRow
  /** Raised whenever state or `wakeAt` change: a place with another stamp is outdated, and skipped when it is met. */
  stamp: number
}

interface Place {
  readonly entry: Entry
  readonly stamp: number
}

interface Alarm extends Place {
  readonly at: number
}

const sooner = ({ entry: { row: a } }: Place, { entry: { row: b } }: Place): boolean =>
  a.priority !== b.priority ? a.priority > b.priority : a.id < b.id

/** The first place that is not outdated; those before it are thrown away. */
const first = <P extends Place>(heap: Heap<P> | undefined): P | undefined => {
  for (;;) {
    const place = heap?.peek()
    if (place === undefined || place.entry.stamp === place.stamp) return place
    heap?.pop()
  }
}

export class MemoryTable {
  private readonly entries = new Map<string, Entry>()
  private readonly keys = new Map<string, Entry>()
  private readonly running = new Set<Entry>()
  private readonly ready = new Map<string, Heap<Place>>()
  private readonly alarms = new Heap<Alarm>((a, b) => a.at < b.at)

  add({ dueAt, ...task }: NewTask): Enqueued {
    const known = task.key === null ? undefined : this.keys.get(task.key)
    if (known !== undefined) return { id: known.row.id, created: false }
    const empty = { attempts: 0, fence: 0, wakeAt: null, finishedAt: null, progress: null, outcome: null }
    const entry: Entry = { row: { ...task, ...empty, state: "ready" }, stamp: 0 }
    this.entries.set(task.id, entry)
    if (task.key !== null) this.keys.set(task.key, entry)
    this.change(entry, dueAt === null ? {} : { state: "scheduled", wakeAt: dueAt })
    return { id: task.id, created: true }
  }

  claim({ limit, names, until }: ClaimRequest): ReadonlyArray<TaskRow> {
    const left = new Map(names.map((entry) => [entry.name, entry.limit]))
    const claimed: Array<TaskRow> = []
    while (claimed.length < limit) {
      let best: Place | undefined
      for (const [name, room] of left) {
        const place = room > 0 ? first(this.ready.get(name)) : undefined
        if (place !== undefined && (best === undefined || sooner(place, best))) best = place
      }
      if (best === undefined) break
      const { row } = best.entry
      left.set(row.name, (left.get(row.name) as number) - 1)
      this.change(best.entry, { state: "running", wakeAt: until, attempts: row.attempts + 1, fence: row.fence + 1 })
      claimed.push(best.entry.row)
    }
    return claimed
  }

  /** The entry of a claim that still holds. */
  held({ fence, id }: Claim): Entry | undefined {
    const entry = this.entries.get(id)
    return entry?.row.state === "running" && entry.row.fence === fence ? entry : undefined
  }

  find(id: string): Entry | undefined {
    return this.entries.get(id)
  }

  rows(): Array<TaskRow> {
    return Array.from(this.entries.values(), ({ row }) => row)
  }

  change(entry: Entry, changes: Partial<TaskRow>): void {
    const row = { ...entry.row, ...changes }
    const stamp = ++entry.stamp
    entry.row = row
    if (row.state === "running") this.running.add(entry)
    else this.running.delete(entry)
    if (row.wakeAt !== null) this.alarms.push({ entry, stamp, at: row.wakeAt })
    if (row.state !== "ready") return
    let heap = this.ready.get(row.name)
    if (heap === undefined) this.ready.set(row.name, (heap = new Heap(sooner)))
    heap.push({ entry, stamp })
  }

  remove(entry: Entry): void {
    entry.stamp++
    this.running.delete(entry)
    this.entries.delete(entry.row.id)
    if (entry.row.key !== null) this.keys.delete(entry.row.key)
  }

  sweep({ horizon, limit, now }: SweepRequest): Swept {
    const swept = { due: 0, recovered: 0, removed: 0 }
    const wake = (entry: Entry): void => {
      const { state } = entry.row
      if (state === "scheduled") swept.due++
      else if (state === "running") swept.recovered++
      else {
        swept.removed++
        return this.remove(entry)
      }
      this.change(entry, { state: "ready", wakeAt: null } satisfies { state: TaskState; wakeAt: null })
    }
    for (const entry of [...this.running]) if ((entry.row.wakeAt ?? 0) > horizon) wake(entry)
    for (let n = 0; n < limit; n++) {
      const alarm = first(this.alarms)
      if (alarm === undefined || alarm.at > now) break
      wake(alarm.entry)
    }
    return { ...swept, next: first(this.alarms)?.at ?? null }
  }
}
