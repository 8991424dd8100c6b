import type * as Context from "effect/Context"
import * as Metric from "effect/Metric"
import type { Family, Labels, Sample } from "./exposition.ts"

/** A name that the format allows: letters, digits, `_` and `:`, and no digit first. */
const nameOf = (id: string): string => id.replace(/[^a-zA-Z0-9_:]/g, "_").replace(/^(?=\d|$)/, "_")
const labelOf = (key: string): string => key.replace(/[^a-zA-Z0-9_]/g, "_").replace(/^(?=\d|$)/, "_")

const labelsOf = ({ attributes }: Metric.Metric.Snapshot): Labels =>
  Object.fromEntries(
    Object.entries(attributes ?? {})
      // Effect's own notes on how a value is to be read
      .filter(([key]) => key !== "unit" && key !== "time_unit")
      .map(([key, value]) => [labelOf(key), value])
  )

const typeOf = {
  Counter: "counter",
  Frequency: "counter",
  Gauge: "gauge",
  Histogram: "histogram",
  Summary: "summary"
} as const

const samplesOf = (snapshot: Metric.Metric.Snapshot): ReadonlyArray<Sample> => {
  const labels = labelsOf(snapshot)
  switch (snapshot.type) {
    case "Counter":
      return [{ labels, value: snapshot.state.count }]
    case "Gauge":
      return [{ labels, value: snapshot.state.value }]
    case "Frequency":
      return Array.from(snapshot.state.occurrences, ([key, value]) => ({ labels: { ...labels, key }, value }))
    case "Histogram": {
      const { buckets, count, sum } = snapshot.state
      const finite = buckets.filter(([bound]) => bound !== Number.POSITIVE_INFINITY)
      return [
        ...finite.map(([bound, value]) => ({ suffix: "_bucket", labels: { ...labels, le: String(bound) }, value })),
        { suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: count },
        { suffix: "_sum", labels, value: sum },
        { suffix: "_count", labels, value: count }
      ]
    }
    case "Summary": {
      const { count, quantiles, sum } = snapshot.state
      return [
        ...quantiles.flatMap(([quantile, value]) =>
          value === undefined ? [] : [{ labels: { ...labels, quantile: String(quantile) }, value }]
        ),
        { suffix: "_sum", labels, value: sum },
        { suffix: "_count", labels, value: count }
      ]
    }
  }
}

/**
 * Every `Metric` of the app. One whose name is taken, by ours or by a metric of another type, gets its type appended: a
 * name that comes twice would make a page that no scraper takes.
 */
export const effectNumbers = (context: Context.Context<never>, taken: ReadonlySet<string>): ReadonlyArray<Family> => {
  const families = new Map<string, Family & { readonly samples: Array<Sample> }>()
  for (const snapshot of Metric.snapshotUnsafe(context)) {
    const type = typeOf[snapshot.type]
    let name = nameOf(snapshot.id)
    for (let other = families.get(name); taken.has(name) || (other !== undefined && other.type !== type); ) {
      name += `_${type}`
      other = families.get(name)
    }
    const family = families.get(name) ?? { name, type, help: snapshot.description ?? snapshot.id, samples: [] }
    family.samples.push(...samplesOf(snapshot))
    families.set(name, family)
  }
  return [...families.values()]
}
