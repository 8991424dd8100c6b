/** The compact wire: an eight-byte header and MessagePack, messages by their numbers of the hello table. Specified in docs/wire.md. */
import type * as Schema from "effect/Schema"
import { withBytes } from "./internal/codec.ts"
import { plainCoder } from "./internal/coder.ts"
import { copyBytes } from "./internal/copyBytes.ts"
import { reader } from "./internal/fast/readMessagePack.ts"
import { FAIL, shapeOf } from "./internal/fast/shape.ts"
import { writer } from "./internal/fast/writeMessagePack.ts"
import { Packed, packData, problem, unpack } from "./internal/messagePack.ts"
import { encodeUtf8, isUtf8, readUtf8 } from "./internal/text.ts"
import type { Connection, SendResult } from "./Transport.ts"
import {
  type Envelope,
  InvalidPayload,
  Kind,
  Malformed,
  type Meta,
  Outcome,
  type PayloadCoder,
  type Wire,
  type WireSession
} from "./Wire.ts"

const HEADER = 8
const LAST_KIND = Kind.control
export const Flag = { meta: 0x01, error: 0x02, fault: 0x04 } as const
const KNOWN_FLAGS = Flag.meta | Flag.error | Flag.fault

/** Reads the meta list at `at`; gives where it ends, or -1. */
const readMeta = (
  b: Uint8Array,
  at: number,
  end: number,
  into: Array<readonly [string, string | Uint8Array]>
): number => {
  if (at >= end) return -1
  for (let left = b[at++] as number; left > 0; left--) {
    if (at >= end) return -1
    const keyEnd = at + 1 + (b[at] as number)
    if (keyEnd + 2 > end) return -1
    const key = readUtf8(b, at + 1, keyEnd)
    const start = keyEnd + 2
    at = start + (((b[keyEnd] as number) << 8) | (b[keyEnd + 1] as number))
    if (key === undefined || at > end) return -1
    const value = key.endsWith("-bin") ? copyBytes(b, start, at) : readUtf8(b, start, at)
    if (value === undefined) return -1
    into.push([key, value])
  }
  return at
}

const writeMeta = (meta: Meta): Uint8Array => {
  const parts: Array<number> = [meta.length]
  for (const [key, value] of meta) {
    const name = encodeUtf8(key)
    const bytes = typeof value === "string" ? encodeUtf8(value) : value
    if (name.length > 255 || bytes.length > 65535) throw new RangeError(`Meta ${key} is too long for the wire`)
    parts.push(name.length, ...name, bytes.length >> 8, bytes.length & 0xff, ...bytes)
  }
  return Uint8Array.from(parts)
}

const writeHeader = (b: Uint8Array, at: number, envelope: Envelope): void => {
  const message = envelope.message as number
  const id = envelope.id
  const outcome = envelope.outcome
  b[at] = envelope.kind
  b[at + 1] =
    (envelope.meta === undefined ? 0 : Flag.meta) |
    (outcome === Outcome.success ? 0 : outcome === Outcome.error ? Flag.error : Flag.fault)
  b[at + 2] = message >> 8
  b[at + 3] = message & 0xff
  b[at + 4] = id >>> 24
  b[at + 5] = (id >>> 16) & 0xff
  b[at + 6] = (id >>> 8) & 0xff
  b[at + 7] = id & 0xff
}

/** Envelopes with meta and relays, which are rarer than one in many: their parts are joined. */
const encodeParts = (envelope: Envelope): Uint8Array => {
  const parts: Array<Uint8Array> = [new Uint8Array(HEADER)]
  writeHeader(parts[0] as Uint8Array, 0, envelope)
  if (envelope.meta !== undefined) parts.push(writeMeta(envelope.meta))
  if (envelope.kind === Kind.relay) {
    const peer = encodeUtf8(envelope.peer)
    let length = Math.min(peer.length, 255)
    // not in the middle of a character
    while (((peer[length] ?? 0) & 0xc0) === 0x80) length--
    parts.push(Uint8Array.of(length), peer.subarray(0, length), envelope.payload as Uint8Array)
  } else if (envelope.payload !== undefined) {
    const { bytes, end, start } = packedOf(envelope.payload)
    parts.push(copyBytes(bytes, start + HEADER, end))
  }
  const frame = new Uint8Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    frame.set(part, at)
    at += part.length
  }
  return frame
}

/** A payload as it lies in a frame: not looked at until its message is known. */
class Slice {
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
}

/** What a coder has written, or plain data; with room for the header before it. */
const packedOf = (payload: unknown): Packed => (payload instanceof Packed ? payload : packData(payload, HEADER))

/** The payload as plain data, or what is wrong with it. */
const plain = ({ bytes, end, start }: Slice): { readonly value: unknown } | string => {
  const wrong = problem(bytes, start, end)
  return wrong === undefined ? { value: unpack(bytes, start, end) } : `it is not MessagePack: ${wrong}`
}

/** Straight between values and bytes where the shape is plain; by plain data otherwise. */
const coder = (schema: Schema.Constraint): PayloadCoder => {
  const general = plainCoder(withBytes(schema))
  const shape = shapeOf(schema)
  const read = shape && reader(shape)
  const write = shape && writer(shape)
  const written = new Packed()
  return {
    read: (payload) => {
      if (!(payload instanceof Slice)) return general.read(payload)
      if (read !== undefined) {
        const value = read(payload.bytes, payload.start, payload.end)
        if (value !== FAIL) return value
      }
      const data = plain(payload)
      return typeof data === "string" ? new InvalidPayload([], data, true) : general.read(data.value)
    },
    prepare: (value) => {
      if (write?.(value, HEADER, written) === true) return written
      const data = general.prepare(value)
      return data instanceof InvalidPayload || data === undefined ? data : packData(data, HEADER)
    }
  }
}

const isSimple = (envelope: Envelope): boolean => envelope.meta === undefined && envelope.kind !== Kind.relay

class BinarySession implements WireSession {
  private readonly slice = new Slice()
  private source: Uint8Array = new Uint8Array(0)
  private from = 0
  private to = 0
  private readonly into = (target: Uint8Array, at: number): number => {
    const { from, source, to } = this
    const n = to - from
    if (n <= 96) for (let i = 0; i < n; i++) target[at + i] = source[from + i] as number
    else target.set(source.subarray(from, to), at)
    return n
  }

  decode(b: Uint8Array, start: number, end: number): Envelope | Malformed {
    if (end - start < HEADER)
      return new Malformed("MALFORMED_FRAME", `A frame has at least ${HEADER} bytes; this one has ${end - start}`)
    const kind = b[start] as number
    const flags = b[start + 1] as number
    const message = ((b[start + 2] as number) << 8) | (b[start + 3] as number)
    const id =
      (b[start + 4] as number) * 0x1000000 +
      (((b[start + 5] as number) << 16) | ((b[start + 6] as number) << 8) | (b[start + 7] as number))
    if (kind === 0 || kind > LAST_KIND)
      return new Malformed("UNSUPPORTED_KIND", `There is no kind of message ${kind}`, id)
    if ((flags & ~KNOWN_FLAGS) !== 0)
      return new Malformed("MALFORMED_FRAME", `Flags ${flags} have bits that version 1 does not know`, id)
    let at = start + HEADER
    let meta: Array<readonly [string, string | Uint8Array]> | undefined
    if ((flags & Flag.meta) !== 0) {
      meta = []
      at = readMeta(b, at, end, meta)
      if (at < 0) return new Malformed("MALFORMED_FRAME", "The meta list is cut off or not UTF-8", id)
    }
    if (kind === Kind.relay) return this.relay(b, at, end, id, message, meta)
    const outcome =
      (flags & Flag.fault) !== 0 ? Outcome.fault : (flags & Flag.error) !== 0 ? Outcome.error : Outcome.success
    let payload: unknown
    if (at < end) {
      const slice = this.slice
      slice.bytes = b
      slice.start = at
      slice.end = end
      payload = slice
      if (kind === Kind.hello || kind === Kind.control || outcome === Outcome.fault) {
        const data = plain(slice)
        if (typeof data === "string") return new Malformed("MALFORMED_FRAME", `The payload is broken: ${data}`, id)
        payload = data.value
      }
    }
    return { kind: kind as Kind, id, message, outcome, payload, meta, peer: "" }
  }

  keep(envelope: Envelope): Envelope {
    const { payload } = envelope
    if (!(payload instanceof Slice)) return envelope
    const kept = new Slice()
    kept.bytes = copyBytes(payload.bytes, payload.start, payload.end)
    kept.end = kept.bytes.length
    return { ...envelope, payload: kept }
  }

  private relay(
    b: Uint8Array,
    at: number,
    end: number,
    id: number,
    message: number,
    meta: Meta | undefined
  ): Envelope | Malformed {
    const nameEnd = at + 1 + (at < end ? (b[at] as number) : 255)
    if (nameEnd > end || !isUtf8(b, at + 1, nameEnd))
      return new Malformed("MALFORMED_FRAME", "The relay's peer is cut off or not UTF-8", id)
    const peer = readUtf8(b, at + 1, nameEnd) as string
    return { kind: Kind.relay, id, message, outcome: Outcome.success, payload: copyBytes(b, nameEnd, end), meta, peer }
  }

  write(connection: Connection, envelope: Envelope): SendResult {
    if (!isSimple(envelope)) return connection.send(encodeParts(envelope), "binary")
    if (envelope.payload === undefined) {
      this.source = new Uint8Array(HEADER)
      this.from = 0
      this.to = HEADER
    } else {
      const packed = packedOf(envelope.payload)
      this.source = packed.bytes
      this.from = packed.start
      this.to = packed.end
    }
    writeHeader(this.source, this.from, envelope)
    const n = this.to - this.from
    return connection.write(n, n, this.into, "binary")
  }

  frame(envelope: Envelope): Uint8Array {
    return encodeParts(envelope)
  }
}

export const BinaryWire: Wire = {
  name: "binary",
  accepts: (bytes, start, end) => end - start >= HEADER && bytes[start] === Kind.hello,
  frameKind: "binary",
  correlation: "id",
  hello: true,
  numbered: true,
  codec: withBytes,
  coder,
  make: () => new BinarySession()
}
