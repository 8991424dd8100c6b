import { stripVTControlCharacters } from "node:util"

/** Rows with their columns one below the other. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>, indent = "  "): string => {
  const width = (column: number): number =>
    Math.max(0, ...rows.map((row) => stripVTControlCharacters(row[column] ?? "").length))
  const pad = (text: string, to: number): string =>
    text + " ".repeat(Math.max(0, to - stripVTControlCharacters(text).length))
  return rows
    .map(
      (row) =>
        indent + row.map((cell, column) => (column === row.length - 1 ? cell : pad(cell, width(column) + 2))).join("")
    )
    .map((line) => line.trimEnd())
    .join("\n")
}
