/** Cuts what a server sends into frames. Bytes handed out are valid during the call. */
export interface Splitter {
  readonly push: (chunk: Buffer, onFrame: OnFrame) => void
}
export type OnFrame = (bytes: Buffer, start: number, end: number, isText: boolean) => void

/** Where the frame at `at` has its content: `start` and `end` are kept until the next call. False where it is cut off. */
interface Header {
  start: number
  end: number
  isText: boolean
  readonly read: (b: Buffer, at: number, length: number) => boolean
}

const splitter = (header: Header): Splitter => {
  let rest: Buffer | undefined
  return {
    push: (data, onFrame) => {
      const chunk = rest === undefined ? data : Buffer.concat([rest, data])
      const length = chunk.length
      let at = 0
      while (at < length && header.read(chunk, at, length) && header.end <= length) {
        at = header.end
        onFrame(chunk, header.start, at, header.isText)
      }
      rest = at < length ? chunk.subarray(at) : undefined
    }
  }
}

/** A length of four bytes, big-endian, then the frame. */
export const lengthPrefixed = (): Splitter =>
  splitter({
    start: 0,
    end: 0,
    isText: false,
    read(b, at, length) {
      if (at + 4 > length) return false
      this.start = at + 4
      this.end = at + 4 + b.readUInt32BE(at)
      return true
    }
  })

/** Messages as a WebSocket server sends them: unmasked and whole. Pongs, pings and closes count as text. */
export const webSocket = (): Splitter =>
  splitter({
    start: 0,
    end: 0,
    isText: false,
    read(b, at, length) {
      if (at + 2 > length) return false
      const short = b[at + 1] as number
      const header = short < 126 ? 2 : short === 126 ? 4 : 10
      if (at + header > length) return false
      this.start = at + header
      this.end = this.start + (short < 126 ? short : short === 126 ? b.readUInt16BE(at + 2) : b.readUInt32BE(at + 6))
      this.isText = (b[at] as number) !== 0x82
      return true
    }
  })

/** A frame behind its length. */
export const withLength = (frame: Buffer): Buffer => {
  const bytes = Buffer.allocUnsafe(4 + frame.length)
  bytes.writeUInt32BE(frame.length, 0)
  frame.copy(bytes, 4)
  return bytes
}

/** A message as a WebSocket client sends it (RFC 6455, section 5.2): masked. */
export const masked = (content: Buffer, isText: boolean): Buffer => {
  const length = content.length
  const header = length < 126 ? 6 : length < 65536 ? 8 : 14
  const bytes = Buffer.alloc(header + length)
  bytes[0] = isText ? 0x81 : 0x82
  if (length < 126) bytes[1] = 0x80 | length
  else if (length < 65536) {
    bytes[1] = 0xfe
    bytes.writeUInt16BE(length, 2)
  } else {
    bytes[1] = 0xff
    bytes.writeUInt32BE(length, 6)
  }
  const mask = Buffer.of(0x11 + (length & 0x3f), 0x5b, 0xcb, 0x2c)
  mask.copy(bytes, header - 4)
  for (let i = 0; i < length; i++) bytes[header + i] = (content[i] as number) ^ (mask[i & 3] as number)
  return bytes
}
