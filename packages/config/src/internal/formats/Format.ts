/** A file as data, with the lines on which its values stand. */
export interface Parsed {
  readonly value: unknown
  /** Line from 1, by path; see `pathKey`. */
  readonly lines: ReadonlyMap<string, number>
}

/** The text is not what its file's name says. */
export class Unparsable extends Error {
  readonly line: number | undefined
  constructor(message: string, line: number | undefined) {
    super(message)
    this.line = line
  }
}

/** A value at a path of keys that is to be written. */
export interface Write {
  readonly path: ReadonlyArray<string>
  readonly value: unknown
}

export interface Format {
  /** Throws `Unparsable`. */
  readonly parse: (text: string) => Parsed
  /** The text with a value set; comments and layout stay. Throws `Unparsable`. */
  readonly write: (text: string, write: Write) => string
}

export const pathKey = (path: ReadonlyArray<string | number>): string => path.join("\u0000")

/** The line of an offset. */
export const lineAt = (text: string, offset: number): number => {
  let line = 1
  for (let i = text.indexOf("\n"); i !== -1 && i < offset; i = text.indexOf("\n", i + 1)) line++
  return line
}
