/** From this size on, the view that whole words need costs less than it saves. */
const WORDS_FROM = 256

const quad = new Uint8Array(4)
const word = new Int32Array(quad.buffer)

/** Unmasks in place (RFC 6455 §5.3). Returns all bytes or'ed together: under 0x80 they are ASCII, thus valid UTF-8. */
export const unmask = (bytes: Uint8Array, start: number, end: number, mask: number): number => {
  let m0 = mask >>> 24
  let m1 = (mask >>> 16) & 255
  let m2 = (mask >>> 8) & 255
  let m3 = mask & 255
  let bits = 0
  let i = start
  if (end - start >= WORDS_FROM) {
    while (((bytes.byteOffset + i) & 3) !== 0) {
      const a = (bytes[i] as number) ^ m0
      bytes[i++] = a
      bits |= a
      const first = m0
      m0 = m1
      m1 = m2
      m2 = m3
      m3 = first
    }
    quad[0] = m0
    quad[1] = m1
    quad[2] = m2
    quad[3] = m3
    const key = word[0] as number
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + i, (end - i) >> 2)
    let all = 0
    for (let w = 0; w < words.length; w++) {
      const a = (words[w] as number) ^ key
      words[w] = a
      all |= a
    }
    bits |= all | (all >>> 8) | (all >>> 16) | (all >>> 24)
    i += words.length << 2
  }
  const last = end - 3
  for (; i < last; i += 4) {
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
