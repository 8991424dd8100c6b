/**
 * Splits a client's bytes into WebSocket messages (RFC 6455 §5): synchronously, with offsets into the chunk as it came.
 * Only what the end of a chunk cuts off, and fragments, are copied.
 */
import { isUtf8 } from "node:buffer"
import { Collected } from "./Collected.ts"
import { INVALID_UTF8, PROTOCOL_ERROR, TOO_BIG } from "./closing.ts"
import { BINARY, CLOSE, CONTINUATION, FIN, MAX_CONTROL_BYTES, PONG, TEXT } from "./opcode.ts"
import { unmask, wordsOf } from "./unmask.ts"

/** Gets what the reader finds; the bytes are valid during the call only. */
export interface FrameSink {
  readonly onMessage: (bytes: Uint8Array, start: number, end: number, text: boolean) => void
  readonly onControl: (opcode: number, bytes: Uint8Array, start: number, end: number) => void
  /** The peer broke the protocol; nothing follows. */
  readonly onProblem: (code: number, reason: string) => void
}

/** A client's largest header: two bytes, eight of length, four of mask. */
const MAX_HEADER_BYTES = 14

/** A mask as `unmask` takes it, its first byte lowest. */
const maskAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) |
  ((bytes[at + 1] as number) << 8) |
  ((bytes[at + 2] as number) << 16) |
  ((bytes[at + 3] as number) << 24)

export class FrameReader {
  /** Set by the sink, also while it is called: nothing is given from then on. */
  stopped = false
  private readonly sink: FrameSink
  private readonly maxMessageBytes: number
  /** set once the peer broke the protocol */
  private broken = false
  /** TEXT or BINARY while a fragmented message is under way, else 0 */
  private fragmented = 0
  private message: Collected | undefined
  private messageBits = 0
  /** the beginning of a frame whose header is not whole yet */
  private head: Uint8Array | undefined
  private headLength = 0
  /** the payload of a frame that is not whole yet, still masked */
  private body: Collected | undefined
  private bodyFirst = 0
  private bodyLength = 0
  private bodyMask = 0

  constructor(sink: FrameSink, maxMessageBytes: number) {
    this.sink = sink
    this.maxMessageBytes = maxMessageBytes
  }

  /** True while nothing of an unfinished frame or message is held. */
  get isIdle(): boolean {
    return this.head === undefined && this.body === undefined && this.message === undefined
  }

  /** Reads on from `at`; returns where it stopped, which is the end of the chunk unless `stopped` was set. */
  read(chunk: Uint8Array, at: number): number {
    const length = chunk.length
    let o = at
    if (this.head !== undefined || this.body !== undefined) o = this.complete(chunk, o)
    const words = wordsOf(chunk)
    while (!this.stopped && !this.broken) {
      const left = length - o
      if (left < 2) break
      const first = chunk[o] as number
      const second = chunk[o + 1] as number
      let size = second & 127
      let header = 6
      if (size > 125) {
        header = size === 126 ? 8 : 14
        if (left < header) break
        size = this.longLength(chunk, o, size)
      }
      // The common frame is known to be good by one look: whole, masked, and no fragmented message under way.
      if (
        ((first !== 0x82 && first !== 0x81) ||
          second < 128 ||
          this.fragmented !== 0 ||
          size < 0 ||
          size > this.maxMessageBytes) &&
        !this.admits(first, second, size)
      ) {
        return length
      }
      if (left < header + size) break
      const start = o + header
      o = start + size
      const bits = unmask(chunk, words, start, o, maskAt(chunk, start - 4))
      if (first === 0x82) this.sink.onMessage(chunk, start, o, false)
      else this.give(first, chunk, start, o, bits)
    }
    if (this.broken) return length
    if (o < length && !this.stopped) {
      this.begin(chunk, o)
      return length
    }
    return o
  }

  /** Length of a frame that says 126 or 127; -1 when it is not the shortest form, or has its top bit set (§5.2). */
  private longLength(bytes: Uint8Array, at: number, form: number): number {
    if (form === 126) {
      const size = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)
      return size < 126 ? -1 : size
    }
    let size = 0
    for (let i = 2; i < 10; i++) size = size * 256 + (bytes[at + i] as number)
    return size < 65536 || size >= 2 ** 63 ? -1 : size
  }

  private admits(first: number, second: number, size: number): boolean {
    const opcode = first & 15
    if ((first & 0x70) !== 0) return this.fail(PROTOCOL_ERROR, "Reserved bits are set, and no extension was agreed")
    if (second < 128) return this.fail(PROTOCOL_ERROR, "A client's frames must be masked")
    if (opcode >= CLOSE) {
      if (opcode > PONG) return this.fail(PROTOCOL_ERROR, `Unknown opcode ${opcode}`)
      if ((first & FIN) === 0) return this.fail(PROTOCOL_ERROR, "A control frame must not be fragmented")
      if (size < 0 || size > MAX_CONTROL_BYTES)
        return this.fail(PROTOCOL_ERROR, "A control frame of more than 125 bytes")
      return true
    }
    if (opcode > BINARY) return this.fail(PROTOCOL_ERROR, `Unknown opcode ${opcode}`)
    if (size < 0) return this.fail(PROTOCOL_ERROR, "The length is not in its shortest form, or has its top bit set")
    if ((opcode === CONTINUATION) !== (this.fragmented !== 0)) {
      const reason = opcode === CONTINUATION ? "A continuation of nothing" : "A new message inside a fragmented one"
      return this.fail(PROTOCOL_ERROR, reason)
    }
    if ((this.message?.length ?? 0) + size > this.maxMessageBytes) {
      return this.fail(TOO_BIG, `A message may have ${this.maxMessageBytes} bytes`)
    }
    return true
  }

  private fail(code: number, reason: string): false {
    this.broken = true
    this.head = undefined
    this.body = undefined
    this.message = undefined
    this.sink.onProblem(code, reason)
    return false
  }

  /** One whole frame, unmasked; `bits` are its bytes or'ed. */
  private give(first: number, bytes: Uint8Array, start: number, end: number, bits: number): void {
    const opcode = first & 15
    if (opcode >= CLOSE) this.sink.onControl(opcode, bytes, start, end)
    else if (first >= FIN && opcode !== CONTINUATION) this.deliver(opcode, bytes, start, end, bits)
    else this.fragment(first, opcode, bytes, start, end, bits)
  }

  private deliver(opcode: number, bytes: Uint8Array, start: number, end: number, bits: number): void {
    if (opcode === TEXT && bits > 127 && !isUtf8(bytes.subarray(start, end))) {
      this.fail(INVALID_UTF8, "A text message is not UTF-8")
    } else this.sink.onMessage(bytes, start, end, opcode === TEXT)
  }

  private fragment(first: number, opcode: number, bytes: Uint8Array, start: number, end: number, bits: number): void {
    if (opcode !== CONTINUATION) {
      this.fragmented = opcode
      this.messageBits = 0
    }
    this.message ??= new Collected(this.maxMessageBytes, end - start)
    this.message.append(bytes, start, end)
    this.messageBits |= bits
    if (first < FIN) return
    const whole = this.message
    const kind = this.fragmented
    this.message = undefined
    this.fragmented = 0
    this.deliver(kind, whole.bytes, 0, whole.length, this.messageBits)
  }

  /** Takes the beginning of a frame that the chunk cuts off. */
  private begin(chunk: Uint8Array, at: number): void {
    const left = chunk.length - at
    const form = left < 2 ? 0 : (chunk[at + 1] as number) & 127
    const header = left < 2 ? MAX_HEADER_BYTES : form === 126 ? 8 : form === 127 ? 14 : 6
    if (left < header) {
      this.head = new Uint8Array(MAX_HEADER_BYTES)
      this.head.set(chunk.subarray(at))
      this.headLength = left
    } else {
      const size = form > 125 ? this.longLength(chunk, at, form) : form
      this.beginBody(chunk, at, header, size)
      this.body?.append(chunk, at + header, chunk.length)
    }
  }

  /** The header stands at `at` and was found good. */
  private beginBody(bytes: Uint8Array, at: number, header: number, size: number): void {
    this.bodyFirst = bytes[at] as number
    this.bodyLength = size
    this.bodyMask = maskAt(bytes, at + header - 4)
    this.body = new Collected(size, bytes.length - at - header)
  }

  /** Completes the frame that was begun; returns where the chunk goes on. */
  private complete(chunk: Uint8Array, at: number): number {
    let o = at
    if (this.body === undefined) {
      o = this.completeHead(chunk, o)
      if (this.body === undefined) return o
    }
    const missing = this.bodyLength - this.body.length
    const end = Math.min(chunk.length, o + missing)
    this.body.append(chunk, o, end)
    if (this.body.length < this.bodyLength) return end
    const { bytes, length } = this.body
    this.body = undefined
    this.give(this.bodyFirst, bytes, 0, length, unmask(bytes, wordsOf(bytes), 0, length, this.bodyMask))
    return end
  }

  private completeHead(chunk: Uint8Array, at: number): number {
    const head = this.head as Uint8Array
    let o = at
    while (o < chunk.length) {
      head[this.headLength++] = chunk[o++] as number
      if (this.headLength < 6) continue
      const second = head[1] as number
      const form = second & 127
      const header = form === 126 ? 8 : form === 127 ? 14 : 6
      if (this.headLength < header) continue
      this.head = undefined
      const size = form > 125 ? this.longLength(head, 0, form) : form
      if (this.admits(head[0] as number, second, size)) this.beginBody(head, 0, header, size)
      return o
    }
    return o
  }
}
