import type { Node } from "ts-morph"
import type { Splice } from "../workspace/Splice.ts"
import { indentAt, type Style } from "./Style.ts"

/** Items with commas between them, in whatever brackets: arguments, named imports, properties. */
export interface List {
  readonly source: string
  readonly items: ReadonlyArray<Node>
  /** Behind the opening bracket. */
  readonly open: number
  /** At the closing bracket. */
  readonly close: number
  /** Between a bracket and the items of a list on one line: a space in `{ a }`, nothing in `(a)`. */
  readonly pad: "" | " "
  readonly style: Style
}

/** Longest line that an edit makes where it can choose, as the workspace's formatter has it. */
export const lineWidth = 120

interface Range {
  readonly start: number
  readonly end: number
}

const commentsAfter = (item: Node): ReadonlyArray<Range> =>
  item.getTrailingCommentRanges().map((range) => ({ start: range.getPos(), end: range.getEnd() }))

/** The comma that follows an item, or undefined; a comma in a comment is none. */
const commaAfter = ({ close, source }: List, item: Node): number | undefined => {
  let at = item.getEnd()
  while (at < close) {
    if (source.startsWith("//", at)) at = lineEnd(source, at)
    else if (source.startsWith("/*", at)) at = source.indexOf("*/", at) + 2
    else if (source[at] === ",") return at
    else at++
  }
  return undefined
}

const lineEnd = (source: string, at: number): number => {
  const found = source.indexOf("\n", at)
  if (found === -1) return source.length
  return source[found - 1] === "\r" ? found - 1 : found
}

/** Behind an item, its comma and the comments that follow on its line. */
const behind = (list: List, item: Node): number => {
  const comma = commaAfter(list, item)
  let at = comma === undefined ? item.getEnd() : comma + 1
  for (const comment of commentsAfter(item)) at = Math.max(at, comment.end)
  for (;;) {
    const [, space = "", comment] =
      /^([ \t]*)(\/\/[^\r\n]*|\/\*(?:(?!\*\/)[^\r\n])*\*\/)?/.exec(list.source.slice(at)) ?? []
    if (comment === undefined || at + space.length + comment.length > list.close) return at
    at += space.length + comment.length
  }
}

/** Whether every item stands on a line of its own, or none does. */
const isMultiLine = ({ items, open, source }: List): boolean => {
  const last = items.at(-1)
  if (last === undefined) return false
  const from = items.at(-2)?.getEnd() ?? open
  return source.slice(from, last.getStart()).includes("\n")
}

/** Puts an item at an index of a list, the end if none is given. */
export const insertItem = (list: List, text: string, index = list.items.length): ReadonlyArray<Splice> => {
  const { close, items, open, pad, source, style } = list
  const next = items[index]
  const last = items.at(-1)
  if (last === undefined) {
    const body = source.slice(open, close)
    if (!body.includes("\n")) {
      return body.trim() === "" ? [{ start: open, end: close, text: `${pad}${text}${pad}` }] : [at(close, text)]
    }
    const line = style.eol + indentAt(source, close) + style.indent
    return [at(open + body.trimEnd().length, line + text)]
  }
  if (next !== undefined) {
    const onOwnLine = source.slice(items[index - 1]?.getEnd() ?? open, next.getStart()).includes("\n")
    const gap = onOwnLine ? style.eol + indentAt(source, next.getStart()) : gapOf(list)
    return [at(next.getStart(), `${text},${gap}`)]
  }
  const comma = commaAfter(list, last)
  if (!isMultiLine(list)) {
    const gap = gapOf(list)
    return comma === undefined ? [at(last.getEnd(), `,${gap}${text}`)] : [at(comma + 1, `${gap}${text},`)]
  }
  const line = style.eol + indentAt(source, last.getStart()) + text
  const place = behind(list, last)
  return comma === undefined
    ? place === last.getEnd()
      ? [at(place, `,${line}`)]
      : [at(last.getEnd(), ","), at(place, line)]
    : [at(place, `${line},`)]
}

/** What stands between items on one line: a space, or nothing in JSON that was made small. */
const gapOf = (list: List): string => {
  const [first, second] = list.items
  const comma = first === undefined ? undefined : commaAfter(list, first)
  return second !== undefined && comma !== undefined && second.getStart() === comma + 1 ? "" : " "
}

const at = (start: number, text: string): Splice => ({ start, end: start, text })

/** Takes an item out of a list: what {@link insertItem} put in, with the comma and white space that came with it. */
export const removeItem = (list: List, item: Node): ReadonlyArray<Splice> => {
  const { close, items, open, pad, source } = list
  const index = items.indexOf(item)
  const previous = items[index - 1]
  const own = commaAfter(list, item)
  const end = own === undefined ? item.getEnd() : own + 1
  if (previous === undefined && items.length > 1) {
    const after = /^\s*/.exec(source.slice(end))?.[0].length ?? 0
    return [{ start: item.getStart(), end: end + after, text: "" }]
  }
  const from = previous?.getEnd() ?? open
  const start = from + source.slice(from, item.getStart()).trimEnd().length
  if (previous === undefined) {
    const alone = source.slice(open, start) === "" && source.slice(end, close).trim() === ""
    const inline = !source.slice(open, close).includes("\n")
    if (alone && inline && pad !== "") return [{ start: open, end: close, text: "" }]
  }
  const removed = { start, end, text: "" }
  const before = previous === undefined || own !== undefined ? undefined : commaAfter(list, previous)
  if (before === undefined) return [removed]
  // the comma between the two may be all that stands between them
  return before + 1 === start
    ? [{ ...removed, start: before }]
    : [{ start: before, end: before + 1, text: "" }, removed]
}

/** The splices that put every item on a line of its own, or undefined when the list is not written plainly on one. */
export const breakLines = (list: List): ReadonlyArray<Splice> | undefined => {
  const { close, items, open, source, style } = list
  if (items.length === 0 || source.slice(open, close) !== plain(list)) return undefined
  const base = indentAt(source, open)
  const line = style.eol + base + style.indent
  return [
    { start: open, end: close, text: line + items.map((item) => item.getText()).join(`,${line}`) + style.eol + base }
  ]
}

/** The inverse of {@link breakLines}, or undefined when the list is not written so, or would be too long for one line. */
export const joinLines = (list: List): ReadonlyArray<Splice> | undefined => {
  const { close, items, open, source, style } = list
  const base = indentAt(source, open)
  const line = style.eol + base + style.indent
  const broken = line + items.map((item) => item.getText()).join(`,${line}`) + style.eol + base
  if (items.length === 0 || source.slice(open, close) !== broken) return undefined
  const text = plain(list)
  return widthWith(list, text) <= lineWidth ? [{ start: open, end: close, text }] : undefined
}

const plain = ({ items, pad }: List): string => pad + items.map((item) => item.getText()).join(", ") + pad

/** Length of the line that the list begins on, with this text between its brackets. */
export const widthWith = ({ close, open, source }: List, text: string): number =>
  open - (source.lastIndexOf("\n", open - 1) + 1) + text.length + (lineEnd(source, close) - close)
