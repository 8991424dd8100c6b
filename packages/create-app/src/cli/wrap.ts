import { displayWidth } from "effect/cli/CliOutput"

/** Columns of the terminal that people read on; 80 when that is not known. */
export const terminalColumns = (): number => process.stdout.columns || 80

/** Fewest columns that a text is wrapped to; narrower it would be a column of single words. */
const least = 24

/** Breaks a text between its words, so that no line but that of a longer word has more columns. */
export const wrapWords = (text: string, columns: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`
    if (line === "" || displayWidth(longer) <= Math.max(columns, least)) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}

/** A text behind something that stands in its line already: the lines that follow hang below its beginning. */
export const hang = (before: string, text: string, columns = terminalColumns()): string => {
  const indent = displayWidth(before)
  return before + wrapWords(text, columns - indent).join(`\n${" ".repeat(indent)}`)
}

/** Wraps the lines of a help text that are too long: a table's below its last column, others below their beginning. */
export const wrapHelp = (help: string, columns = terminalColumns()): string =>
  help
    .split("\n")
    .map((line) => {
      if (displayWidth(line) <= columns) return line
      const [, before = "", text = ""] = /^( *\S.*? {2,}| *)(\S.*)$/.exec(line) ?? []
      return text === "" ? line : hang(before, text, columns)
    })
    .join("\n")
