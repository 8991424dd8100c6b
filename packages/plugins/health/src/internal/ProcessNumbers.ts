import { constants, monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Family, histogram, type Sample } from "./exposition.ts"

// names and buckets are those of the Prometheus client libraries, so that dashboards made for them fit
const GC_BOUNDS = [0.001, 0.01, 0.1, 1, 2, 5]
const GC_KINDS: ReadonlyMap<number, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, "major"],
  [constants.NODE_PERFORMANCE_GC_MINOR, "minor"],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, "incremental"],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, "weakcb"]
])
const RESOLUTION_MILLIS = 10

interface Collections {
  readonly counts: Array<number>
  seconds: number
}

const single = (name: string, type: "counter" | "gauge", help: string, value: number): Family => ({
  name,
  help,
  type,
  samples: [{ value }]
})

/** Observes the process until the scope closes; gives what reads the numbers of now. */
export const observe: Effect.Effect<() => ReadonlyArray<Family>, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MILLIS })
      delay.enable()
      const collections = new Map<string, Collections>()
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) count(collections, entry as GcEntry)
      })
      observer.observe({ entryTypes: ["gc"] })
      return { delay, collections, observer }
    }),
    ({ delay, observer }) =>
      Effect.sync(() => {
        delay.disable()
        observer.disconnect()
      })
  ),
  ({ collections, delay }) =>
    () => [...ofProcess(), ...ofHeap(), ...ofEventLoop(delay), ofCollections(collections)]
)

interface GcEntry {
  readonly duration: number
  readonly detail?: { readonly kind?: number }
}

const count = (collections: Map<string, Collections>, { detail, duration }: GcEntry): void => {
  const kind = GC_KINDS.get(detail?.kind ?? -1) ?? "other"
  let found = collections.get(kind)
  if (found === undefined) collections.set(kind, (found = { counts: GC_BOUNDS.map(() => 0).concat(0), seconds: 0 }))
  const seconds = duration / 1000
  const bucket = GC_BOUNDS.findIndex((bound) => seconds <= bound)
  const at = bucket < 0 ? GC_BOUNDS.length : bucket
  found.counts[at] = (found.counts[at] ?? 0) + 1
  found.seconds += seconds
}

const ofCollections = (collections: ReadonlyMap<string, Collections>): Family => ({
  name: "nodejs_gc_duration_seconds",
  help: "Time of garbage collections by kind: major, minor, incremental, weakcb.",
  type: "histogram",
  samples: [...collections].flatMap(
    ([kind, { counts, seconds }]): ReadonlyArray<Sample> => histogram({ kind }, GC_BOUNDS, counts, seconds)
  )
})

const ofProcess = (): ReadonlyArray<Family> => {
  const { system, user } = process.cpuUsage()
  const uptime = process.uptime()
  return [
    single("process_cpu_user_seconds_total", "counter", "CPU time in user mode.", user / 1e6),
    single("process_cpu_system_seconds_total", "counter", "CPU time in system mode.", system / 1e6),
    single("process_cpu_seconds_total", "counter", "CPU time in both modes.", (user + system) / 1e6),
    single(
      "process_start_time_seconds",
      "gauge",
      "When the process started, since 1970.",
      performance.timeOrigin / 1000
    ),
    single("process_uptime_seconds", "gauge", "How long the process has run.", uptime)
  ]
}

const ofHeap = (): ReadonlyArray<Family> => {
  const { arrayBuffers, external, heapTotal, heapUsed, rss } = process.memoryUsage()
  return [
    single("process_resident_memory_bytes", "gauge", "Memory of the process that is in RAM.", rss),
    single("nodejs_heap_size_total_bytes", "gauge", "Size of the JavaScript heap.", heapTotal),
    single("nodejs_heap_size_used_bytes", "gauge", "What of the JavaScript heap is in use.", heapUsed),
    single("nodejs_external_memory_bytes", "gauge", "Memory outside of the heap that objects hold.", external),
    single("nodejs_array_buffers_bytes", "gauge", "What of that is buffers.", arrayBuffers)
  ]
}

type Delay = ReturnType<typeof monitorEventLoopDelay>

/** Since the numbers were read last. The timer's own period is in what Node measures, and is taken off. */
const ofEventLoop = (delay: Delay): ReadonlyArray<Family> => {
  const seconds = (nanos: number): number =>
    Number.isFinite(nanos) && delay.count > 0 ? Math.max(0, nanos / 1e9 - RESOLUTION_MILLIS / 1000) : 0
  const name = "nodejs_eventloop_lag"
  const families = [
    single(
      `${name}_mean_seconds`,
      "gauge",
      "Mean delay of the event loop since the last reading.",
      seconds(delay.mean)
    ),
    single(`${name}_max_seconds`, "gauge", "Longest delay since the last reading.", seconds(delay.max)),
    single(`${name}_p50_seconds`, "gauge", "Median of the delay.", seconds(delay.percentile(50))),
    single(`${name}_p90_seconds`, "gauge", "90th percentile of the delay.", seconds(delay.percentile(90))),
    single(`${name}_p99_seconds`, "gauge", "99th percentile of the delay.", seconds(delay.percentile(99)))
  ]
  delay.reset()
  return families
}
