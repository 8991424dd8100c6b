/** UTF-8 in and out of byte ranges, with Node's native slices where they exist and the platform's coders elsewhere. */

interface NativeText {
  readonly utf8Slice: (start: number, end: number) => string
  readonly utf8Write: (text: string, at: number, length: number) => number
}
const native: NativeText | undefined = (() => {
  const buffer = (globalThis as { readonly Buffer?: { readonly prototype: Partial<NativeText> } }).Buffer
  const prototype = buffer?.prototype
  return prototype?.utf8Slice !== undefined && prototype.utf8Write !== undefined ? (prototype as NativeText) : undefined
})()
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

const isValid = (bytes: Uint8Array): boolean => {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** The text of a byte range, or `undefined` where it is not valid UTF-8. */
export const readUtf8 = (bytes: Uint8Array, start: number, end: number): string | undefined => {
  if (native === undefined) {
    try {
      return strict.decode(bytes.subarray(start, end))
    } catch {
      return undefined
    }
  }
  const text = native.utf8Slice.call(bytes, start, end)
  // Invalid bytes become U+FFFD. In a text that is all Latin-1 this search ends at once, so the rule costs nothing.
  if (text.indexOf("\ufffd") >= 0 && !isValid(bytes.subarray(start, end))) return undefined
  return text
}

/** True when the range is valid UTF-8. */
export const isUtf8 = (bytes: Uint8Array, start: number, end: number): boolean => {
  if (end - start <= 48) {
    let or = 0
    for (let i = start; i < end; i++) or |= bytes[i] as number
    if (or < 0x80) return true
  }
  return isValid(bytes.subarray(start, end))
}

/** Writes `text` at `at`; `target` must have room for `text.length * 3` bytes. Lone surrogates become U+FFFD. */
export const writeUtf8: (target: Uint8Array, text: string, at: number) => number =
  native === undefined
    ? (target, text, at) => encoder.encodeInto(text, target.subarray(at)).written
    : (target, text, at) => native.utf8Write.call(target, text, at, text.length * 3)

export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text)
