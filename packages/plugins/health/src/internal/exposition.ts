/** The text format of Prometheus, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  /** What follows the family's name: `_bucket`, `_sum`, `_count`. */
  readonly suffix?: string
  readonly labels?: Labels
  readonly value: number | bigint
}

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: "counter" | "gauge" | "histogram" | "summary"
  readonly samples: ReadonlyArray<Sample>
}

export const contentType = "text/plain; version=0.0.4; charset=utf-8"

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")

const numeral = (value: number | bigint): string =>
  value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value)

const labelsOf = (labels: Labels | undefined): string => {
  if (labels === undefined) return ""
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`)
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

/** The whole page. A family without samples is left out. */
export const format = (families: Iterable<Family>): string => {
  let page = ""
  for (const { help, name, samples, type } of families) {
    if (samples.length === 0) continue
    page += `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`
    for (const { labels, suffix = "", value } of samples)
      page += `${name}${suffix}${labelsOf(labels)} ${numeral(value)}\n`
  }
  return page
}

/** The samples of one histogram. `counts` has one entry for each bound and one for what is over all of them. */
export const histogram = (
  labels: Labels,
  bounds: ReadonlyArray<number>,
  counts: ArrayLike<number>,
  sum: number
): ReadonlyArray<Sample> => {
  let count = 0
  const buckets = [...bounds, Infinity].map((bound, i): Sample => {
    count += counts[i] ?? 0
    return { suffix: "_bucket", labels: { ...labels, le: numeral(bound) }, value: count }
  })
  return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: count }]
}
