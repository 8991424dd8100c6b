/** Node's own slices, which spare the argument checks of `toString` and `write`; its type declarations leave them out. */
export interface TextBuffer extends Buffer {
  readonly utf8Slice: (start: number, end: number) => string
  readonly utf8Write: (text: string, at: number) => number
}
