/** A replacement of a piece of a text. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Applies replacements, which must not overlap, to a text; at one place insertions come first, in
 * their order. */
export const applySplices = (text: string, splices: ReadonlyArray<Splice>): string => {
  let out = ""
  let at = 0
  for (const splice of [...splices].sort((a, b) => a.start - b.start || a.end - b.end)) {
    out += text.slice(at, splice.start) + splice.text
    at = splice.end
  }
  return out + text.slice(at)
}
