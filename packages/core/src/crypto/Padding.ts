/**
 * Hides the length of a plaintext from whoever sees the ciphertext: what is encrypted is filled up to one of few lengths.
 * The fill is a byte 0x80 and zeros (ISO/IEC 7816-4), inside the encryption, and always there; `none` adds that byte only.
 */
import * as Schema from "effect/Schema"

/**
 * `none`: the exact length shows. `padme`: at most 12 % more, O(log log n) bits of the length show (Nikitin et al.,
 * "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019, §4). `power-of-two`: the next power
 * of two from 64 bytes on, up to twice as much, for chats where even that is too telling.
 */
export const Padding = Schema.Literals(["none", "padme", "power-of-two"])
export type Padding = typeof Padding.Type

const MARK = 0x80
const SMALLEST_BUCKET = 64

/** Length in bytes that `length` bytes of content have once padded; never less than one more. */
export const paddedLength = (padding: Padding, length: number): number => {
  const least = length + 1
  if (padding === "none") return least
  if (padding === "power-of-two") return Math.max(SMALLEST_BUCKET, 2 ** Math.ceil(Math.log2(least)))
  if (least < 2) return least
  const exponent = Math.floor(Math.log2(least))
  const granularity = 2 ** (exponent - (Math.floor(Math.log2(exponent || 1)) + 1))
  return granularity < 1 ? least : Math.ceil(least / granularity) * granularity
}

export const pad = (padding: Padding, content: Uint8Array): Uint8Array => {
  const padded = new Uint8Array(paddedLength(padding, content.length))
  padded.set(content)
  padded[content.length] = MARK
  return padded
}

/** The content of what `pad` gave, with any padding; nothing when the fill is not one. The result is a part of `padded`. */
export const unpad = (padded: Uint8Array): Uint8Array | undefined => {
  let end = padded.length - 1
  while (end >= 0 && padded[end] === 0) end--
  return padded[end] === MARK ? padded.subarray(0, end) : undefined
}
