/** One measured figure: what `bench --json` prints an array of. */
export interface Row {
  /** What was done, for example `echo/tcp/json/64B/c1`. */
  readonly case: string
  /** What was measured, for example `mortise-inline`. */
  readonly subject: string
  readonly metric: string
  readonly unit: string
  /** Median over all runs. */
  readonly value: number
  /** The subject that `ratio` compares with; null where there is nothing to compare with. */
  readonly ratioTo: string | null
  /** `value` divided by the value of `ratioTo` in the same case. */
  readonly ratio: number | null
  /** How many measurements the median is of. */
  readonly runs: number
}

/** How an area is asked to measure. */
export interface Options {
  /** Shorter windows and fewer rounds: valid rows, less certain figures. */
  readonly quick: boolean
  /** Only cases whose name contains this text. */
  readonly filter?: string | undefined
  /** Only these subjects, and the one they are compared with; all of them otherwise. */
  readonly subjects?: ReadonlyArray<string> | undefined
}

export const matches = (name: string, options: Options): boolean =>
  options.filter === undefined || name.includes(options.filter)

const round = (value: number): number => Number(value.toPrecision(4))

/** The middle of the values; the mean of the two middle ones where their number is even. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] ?? Number.NaN
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN
  return (upper + lower) / 2
}

/** The rows of one case: medians of each subject's values, compared with those of `ratioTo` where that was measured. */
export const rowsOf = (
  about: { readonly case: string; readonly metric: string; readonly unit: string; readonly ratioTo: string },
  measured: ReadonlyMap<string, ReadonlyArray<number>>
): Array<Row> => {
  const against = measured.get(about.ratioTo)
  const base = against === undefined ? undefined : median(against)
  return [...measured].map(([subject, values]) => {
    const value = median(values)
    return {
      case: about.case,
      subject,
      metric: about.metric,
      unit: about.unit,
      value: round(value),
      ratioTo: base === undefined ? null : about.ratioTo,
      ratio: base === undefined ? null : round(value / base),
      runs: values.length
    }
  })
}
