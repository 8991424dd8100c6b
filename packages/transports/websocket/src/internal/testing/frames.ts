/** The client's half of the framing, written for tests alone: plain, slow, and sharing nothing with the server's reader. */

export interface ServerFrame {
  /** FIN, reserved bits and opcode as they came. */
  readonly first: number
  readonly payload: Uint8Array
}

/** One frame as a client puts it on the wire; `length` announces another length than the payload has. */
export const clientFrame = (
  first: number,
  payload: Uint8Array,
  options: { readonly mask?: ReadonlyArray<number>; readonly length?: number } = {}
): Buffer => {
  const length = options.length ?? payload.length
  const mask = options.mask ?? [0x37, 0xfa, 0x21, 0x3d]
  const masked = Buffer.from(payload.map((byte, i) => byte ^ (mask[i & 3] as number)))
  return Buffer.concat([clientHeader(first, length), Buffer.from(mask), masked])
}

/** The header up to the mask, in the shortest form. */
export const clientHeader = (first: number, length: number): Buffer => {
  if (length < 126) return Buffer.from([first, 0x80 | length])
  if (length < 65536) return Buffer.from([first, 0xfe, length >> 8, length & 255])
  const header = Buffer.alloc(10)
  header[0] = first
  header[1] = 0xff
  header.writeBigUInt64BE(BigInt(length), 2)
  return header
}

/** Payload of a close frame. */
export const closeFrame = (code: number, reason = ""): Buffer => {
  const head = Buffer.alloc(2)
  head.writeUInt16BE(code)
  return Buffer.concat([head, Buffer.from(reason)])
}

/** Collects chunks and gives the whole frames of a server. */
export class ServerFrames {
  private rest: Buffer = Buffer.alloc(0)

  push(chunk: Uint8Array): ReadonlyArray<ServerFrame> {
    this.rest = Buffer.concat([this.rest, chunk])
    const frames: Array<ServerFrame> = []
    let at = 0
    for (;;) {
      const frame = this.next(at)
      if (frame === undefined) break
      frames.push({ first: this.rest[at] as number, payload: Uint8Array.from(this.rest.subarray(...frame)) })
      at = frame[1]
    }
    this.rest = this.rest.subarray(at)
    return frames
  }

  private next(at: number): readonly [start: number, end: number] | undefined {
    const { rest } = this
    if (rest.length < at + 2) return undefined
    const form = rest[at + 1] as number
    if (form > 127) throw new Error("a server's frame is masked")
    const header = form < 126 ? 2 : form === 126 ? 4 : 10
    if (rest.length < at + header) return undefined
    const length = form < 126 ? form : form === 126 ? rest.readUInt16BE(at + 2) : Number(rest.readBigUInt64BE(at + 2))
    if (length < (form < 126 ? 0 : form === 126 ? 126 : 65536)) throw new Error("a length is not in its shortest form")
    const start = at + header
    return rest.length < start + length ? undefined : [start, start + length]
  }
}
