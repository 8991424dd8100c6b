import type { Category } from "../../LogSink.ts"

/** How many lines of a category are kept. */
export interface Sampling {
  /** Lines kept in each window. */
  readonly limit: number
  /** Length of a window in milliseconds; default 1 000. */
  readonly everyMillis?: number
  /** Whether all lines of the category are counted together, or those of each message by themselves (default). */
  readonly by?: "category" | "message"
}

interface Window {
  ends: number
  kept: number
  suppressed: number
}

/** Messages may be made by strangers: no more windows than this, the oldest goes. */
const most = 1000

/** Counts lines and says which to leave out. */
export class Sampler {
  private readonly rules = new Map<Category, Sampling>()
  private readonly windows = new Map<string, Window>()
  /** What was left out by windows that are no more; told by the next line of the category. */
  private readonly orphans = new Map<Category, number>()

  /** Windows in memory. */
  get size(): number {
    return this.windows.size
  }

  set(category: Category, sampling: Sampling | undefined): void {
    if (sampling === undefined) this.rules.delete(category)
    else this.rules.set(category, sampling)
  }

  /** -1: leave it out; else how many were left out before it. */
  take(category: Category, message: string, now: number): number {
    const rule = this.rules.get(category)
    if (rule === undefined) return 0
    const key = rule.by === "category" ? category : `${category} ${message.slice(0, 256)}`
    const window = this.windows.get(key) ?? this.open(key)
    if (now >= window.ends || window.ends - now > (rule.everyMillis ?? 1000)) {
      window.ends = now + (rule.everyMillis ?? 1000)
      window.kept = 0
    }
    if (window.kept >= rule.limit) {
      window.suppressed++
      return -1
    }
    window.kept++
    const suppressed = window.suppressed + (this.orphans.get(category) ?? 0)
    window.suppressed = 0
    this.orphans.delete(category)
    return suppressed
  }

  /** What nobody was told of yet, by category; told with this. */
  untold(): ReadonlyMap<Category, number> {
    for (const key of [...this.windows.keys()]) this.close(key)
    const untold = new Map(this.orphans)
    this.orphans.clear()
    return untold
  }

  private open(key: string): Window {
    if (this.windows.size >= most) this.close(this.windows.keys().next().value!)
    const window = { ends: 0, kept: 0, suppressed: 0 }
    this.windows.set(key, window)
    return window
  }

  private close(key: string): void {
    const { suppressed } = this.windows.get(key)!
    this.windows.delete(key)
    if (suppressed === 0) return
    const category = key.split(" ")[0] as Category
    this.orphans.set(category, suppressed + (this.orphans.get(category) ?? 0))
  }
}
