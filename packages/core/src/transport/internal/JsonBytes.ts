import { writeUtf8 } from "./text.ts"

/** Longer strings are written by the platform and looked through afterwards, which costs less from there on. */
const SHORT = 32
/** More than this is not kept for the next value. */
const KEPT_BYTES = 64 * 1024
const QUOTE = 0x22
const BACKSLASH = 0x5c
const ZERO = 0x30

const isEscaped = (c: number): boolean => c < 0x20 || c === QUOTE || c === BACKSLASH

/**
 * Whether something in a range of UTF-8 has to be escaped in JSON; a word at a time, by the tricks for bytes below a value
 * and bytes equal to one of https://graphics.stanford.edu/~seander/bithacks.html. `words` are those of the same memory.
 */
const needsEscape = (bytes: Uint8Array, words: Int32Array, from: number, to: number): boolean => {
  let i = from
  for (; (i & 3) !== 0 && i < to; i++) if (isEscaped(bytes[i] as number)) return true
  const last = to >> 2
  let found = 0
  for (let w = i >> 2; w < last; w++) {
    const word = words[w] as number
    const quote = word ^ 0x22222222
    const backslash = word ^ 0x5c5c5c5c
    found |= (word - 0x20202020) & ~word
    found |= ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash)
  }
  if ((found & 0x80808080) !== 0) return true
  for (i = Math.max(i, last << 2); i < to; i++) if (isEscaped(bytes[i] as number)) return true
  return false
}

/** How many digits a whole number below 2³² has. */
export const digitsOf = (value: number): number => {
  let digits = 1
  for (let limit = 10; digits < 10 && value >= limit; limit *= 10) digits++
  return digits
}

/** Writes a whole number below 2³² with so many digits. */
export const writeDigits = (target: Uint8Array, at: number, value: number, digits: number): void => {
  let left = value
  for (let i = at + digits - 1; i >= at; i--) {
    const rest = Math.floor(left / 10)
    target[i] = ZERO + left - rest * 10
    left = rest
  }
}

/** Copies bytes, few of them without a view, which would cost more than the copy. Gives where they end. */
export const copyTo = (target: Uint8Array, at: number, source: Uint8Array, length: number): number => {
  if (length <= 96) for (let i = 0; i < length; i++) target[at + i] = source[i] as number
  else target.set(source.subarray(0, length), at)
  return at + length
}

/** JSON text in the making, as bytes: exactly what `JSON.stringify` gives for the same values. */
export class JsonBytes {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1024)
  end = 0
  private words = new Int32Array(this.bytes.buffer)

  clear(): void {
    this.end = 0
    if (this.bytes.length > KEPT_BYTES) this.take(new Uint8Array(1024))
  }

  raw(text: Uint8Array): void {
    this.end = copyTo(this.room(text.length), this.end, text, text.length)
  }

  string(value: string): void {
    const length = value.length
    if (length > SHORT) {
      const b = this.room(length * 3 + 2)
      const from = this.end + 1
      const to = from + writeUtf8(b, value, from)
      // half of a surrogate pair is escaped as well, and is no UTF-8
      if (!value.isWellFormed() || needsEscape(b, this.words, from, to)) return this.text(JSON.stringify(value))
      b[from - 1] = QUOTE
      b[to] = QUOTE
      this.end = to + 1
      return
    }
    const b = this.room(SHORT + 2)
    let at = this.end
    b[at++] = QUOTE
    for (let i = 0; i < length; i++) {
      const c = value.charCodeAt(i)
      if (c > 0x7e || isEscaped(c)) return this.text(JSON.stringify(value))
      b[at++] = c
    }
    b[at++] = QUOTE
    this.end = at
  }

  /** A number that is finite. */
  number(value: number): void {
    // fractions, negative and large numbers; -0 becomes 0, as in JSON
    if (value >>> 0 !== value) return this.text(String(value))
    const digits = digitsOf(value)
    writeDigits(this.room(digits), this.end, value, digits)
    this.end += digits
  }

  private text(json: string): void {
    const b = this.room(json.length * 3)
    this.end += writeUtf8(b, json, this.end)
  }

  private room(more: number): Uint8Array {
    if (this.end + more > this.bytes.length) {
      // whole words, for looking through strings
      const grown = new Uint8Array((Math.max(2 * this.bytes.length, this.end + more) + 3) & ~3)
      grown.set(this.bytes.subarray(0, this.end))
      this.take(grown)
    }
    return this.bytes
  }

  private take(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes
    this.words = new Int32Array(bytes.buffer)
  }
}
