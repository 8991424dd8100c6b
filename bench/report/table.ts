import type { Row } from "./Row.ts"

const pad = (cells: ReadonlyArray<string>, widths: ReadonlyArray<number>): string =>
  cells
    .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
    .join("  ")
    .trimEnd()

/** Rows for people, a blank line between cases. */
export const table = (rows: ReadonlyArray<Row>): string => {
  const header = ["case", "subject", "value", "unit", "ratio", "runs"]
  const lines = rows.map((row) => [
    row.case,
    row.subject,
    String(row.value),
    row.unit,
    row.ratio === null ? "" : `${row.ratio.toFixed(2)} x ${row.ratioTo}`,
    String(row.runs)
  ])
  const widths = header.map((title, i) => Math.max(title.length, ...lines.map((cells) => cells[i]?.length ?? 0)))
  const out = [
    pad(header, widths),
    pad(
      widths.map((width) => "-".repeat(width)),
      widths
    )
  ]
  lines.forEach((cells, i) => {
    if (i > 0 && cells[0] !== lines[i - 1]?.[0]) out.push("")
    out.push(pad(cells, widths))
  })
  return out.join("\n")
}
