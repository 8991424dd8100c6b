import { displayWidth } from "effect/cli/CliOutput"
import { hang, terminalColumns } from "./wrap.ts"

/** Rows with their columns one below the other; the last column is wrapped between words. */
export const table = (
  rows: ReadonlyArray<ReadonlyArray<string>>,
  indent = "  ",
  columns = terminalColumns()
): string => {
  const width = (column: number): number => Math.max(0, ...rows.map((row) => displayWidth(row[column] ?? "")))
  const pad = (text: string, to: number): string => text + " ".repeat(Math.max(0, to - displayWidth(text)))
  return rows
    .map((row) => {
      const before = row.slice(0, -1).map((cell, column) => pad(cell, width(column) + 2))
      return hang(indent + before.join(""), row.at(-1) ?? "", columns).trimEnd()
    })
    .join("\n")
}
