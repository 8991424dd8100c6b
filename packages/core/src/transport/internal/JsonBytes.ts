import { writeUtf8 } from "./text.ts"

/** Longer strings are looked through by a regular expression and written by the platform, which costs less from there on. */
const SHORT = 64
/** More than this is not kept for the next value. */
const KEPT_BYTES = 64 * 1024
const QUOTE = 0x22
const BACKSLASH = 0x5c
const ZERO = 0x30

/** What JSON escapes, and surrogates, which it escapes where they stand alone. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const special = /["\\\u0000-\u001f\ud800-\udfff]/

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
  bytes: Uint8Array = new Uint8Array(1024)
  end = 0

  clear(): void {
    this.end = 0
    if (this.bytes.length > KEPT_BYTES) this.bytes = new Uint8Array(1024)
  }

  raw(text: Uint8Array): void {
    this.end = copyTo(this.room(text.length), this.end, text, text.length)
  }

  string(value: string): void {
    const length = value.length
    if (length > SHORT) {
      if (special.test(value)) return this.text(JSON.stringify(value))
      const b = this.room(length * 3 + 2)
      b[this.end++] = QUOTE
      this.end += writeUtf8(b, value, this.end)
      b[this.end++] = QUOTE
      return
    }
    const b = this.room(SHORT + 2)
    let at = this.end
    b[at++] = QUOTE
    for (let i = 0; i < length; i++) {
      const c = value.charCodeAt(i)
      if (c < 0x20 || c > 0x7e || c === QUOTE || c === BACKSLASH) return this.text(JSON.stringify(value))
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
      const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.end + more))
      grown.set(this.bytes.subarray(0, this.end))
      this.bytes = grown
    }
    return this.bytes
  }
}
