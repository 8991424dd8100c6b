/** From this size on, the view that whole words need costs less than it saves. */
const WORDS_FROM = 512

/** The words of a mask are laid out here as little-endian machines have them; others go byte by byte. */
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** A view of whole words over `bytes`, where one pays and its alignment allows one. */
export const wordsOf = (bytes: Uint8Array): Int32Array | undefined =>
  isLittleEndian && bytes.length >= WORDS_FROM && (bytes.byteOffset & 3) === 0
    ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
    : undefined

/**
 * Unmasks in place (RFC 6455 §5.3); `mask` has its first byte lowest, `words` comes from `wordsOf(bytes)`. Returns all
 * bytes or'ed together: under 0x80 they are ASCII, thus valid UTF-8.
 */
export const unmask = (
  bytes: Uint8Array,
  words: Int32Array | undefined,
  start: number,
  end: number,
  mask: number
): number => {
  let bits = 0
  let i = start
  let key = mask
  if (words !== undefined && end - start >= 16) {
    for (; (i & 3) !== 0; i++) {
      const a = (bytes[i] as number) ^ (key & 255)
      bytes[i] = a
      bits |= a
      key = (key >>> 8) | (key << 24)
    }
    const last = end >> 2
    let w = i >> 2
    for (; w < last; w++) {
      const a = (words[w] as number) ^ key
      words[w] = a
      bits |= a
    }
    bits |= (bits >>> 8) | (bits >>> 16) | (bits >>> 24)
    i = w << 2
  }
  const m0 = key & 255
  const m1 = (key >>> 8) & 255
  const m2 = (key >>> 16) & 255
  const m3 = key >>> 24
  for (const whole = end - 3; i < whole; i += 4) {
    const a = (bytes[i] as number) ^ m0
    const b = (bytes[i + 1] as number) ^ m1
    const c = (bytes[i + 2] as number) ^ m2
    const d = (bytes[i + 3] as number) ^ m3
    bytes[i] = a
    bytes[i + 1] = b
    bytes[i + 2] = c
    bytes[i + 3] = d
    bits |= a | b | c | d
  }
  if (i < end) {
    const a = (bytes[i] as number) ^ m0
    bytes[i] = a
    bits |= a
  }
  if (i + 1 < end) {
    const a = (bytes[i + 1] as number) ^ m1
    bytes[i + 1] = a
    bits |= a
  }
  if (i + 2 < end) {
    const a = (bytes[i + 2] as number) ^ m2
    bytes[i + 2] = a
    bits |= a
  }
  return bits & 255
}
