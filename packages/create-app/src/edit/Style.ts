/** How a file is written, read off the file itself: an edit looks like what stands around it. */
export interface Style {
  readonly eol: "\n" | "\r\n"
  /** One level of indentation. */
  readonly indent: string
  readonly quote: '"' | "'"
  readonly semicolon: "" | ";"
}

const count = (source: string, pattern: RegExp): number => source.match(pattern)?.length ?? 0

export const styleOf = (source: string): Style => {
  const indents = [...source.matchAll(/^( +|\t+)(?![ \t*])/gm)].map(([, space = ""]) => space)
  const spaces = indents.filter((space) => !space.startsWith("\t")).map((space) => space.length)
  const indent = indents.some((space) => space.startsWith("\t"))
    ? "\t"
    : " ".repeat(spaces.length === 0 ? 2 : Math.min(...spaces))
  return {
    eol: source.includes("\r\n") ? "\r\n" : "\n",
    indent,
    quote: count(source, /from\s*'/g) > count(source, /from\s*"/g) ? "'" : '"',
    semicolon: count(source, /^import\b.*;\s*(?:\/\/.*)?$/gm) > 0 ? ";" : ""
  }
}

/** A string literal in a file's own quotes. */
export const quoted = (text: string, { quote }: Style): string => {
  const json = JSON.stringify(text)
  return quote === '"' ? json : `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** Where the line of a position begins. */
export const lineStart = (source: string, at: number): number => source.lastIndexOf("\n", at - 1) + 1

/** The white space that the line of a position begins with. */
export const indentAt = (source: string, at: number): string =>
  /^[ \t]*/.exec(source.slice(lineStart(source, at), at))?.[0] ?? ""
