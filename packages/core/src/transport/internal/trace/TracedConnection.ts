import type { Connection, ConnectionHandler, EncodeInto, FrameKind, SendResult } from "../../Transport.ts"
import type { Wire } from "../../Wire.ts"
import { copyBytes } from "../copyBytes.ts"
import { PassingConnection } from "../PassingConnection.ts"
import type { FrameReader, FrameSeen } from "./FrameReader.ts"

/** The gateway's side of the connection. */
export interface Spoken extends ConnectionHandler {
  /** Undefined until the first frame has chosen it. */
  readonly wire: Wire | undefined
}

/** Where lines go, and whether they are still wanted. */
export interface Lines {
  readonly isOn: boolean
  readonly write: (seen: FrameSeen) => void
}

/** A connection whose frames are told of, in both directions. Changes no byte; what it tells is without secrets. */
export class TracedConnection extends PassingConnection {
  private readonly lines: Lines
  private readonly reader: FrameReader
  private of: Spoken | undefined
  private encode: EncodeInto = () => -1
  private encoded: Uint8Array | undefined
  // a copy: whoever hears of the frame may send another one, into the same memory
  private readonly copied: EncodeInto = (target, at) => {
    const bytes = this.encode(target, at)
    this.encoded = bytes < 0 ? undefined : copyBytes(target, at, at + bytes)
    return bytes
  }

  constructor(inner: Connection, lines: Lines, reader: FrameReader) {
    super(inner)
    this.lines = lines
    this.reader = reader
  }

  /** The handler, told of what it is about to get. */
  handler(of: Spoken): ConnectionHandler {
    this.of = of
    return {
      onFrame: (bytes, start, end, kind) => {
        if (this.isOn) this.lines.write(this.reader.received(of.wire, bytes, start, end, kind))
        of.onFrame(bytes, start, end, kind)
      },
      onDrain: () => of.onDrain(),
      onClose: (code, reason) => of.onClose(code, reason)
    }
  }

  send(frame: Uint8Array, kind: FrameKind): SendResult {
    return this.sent(frame, kind, this.inner.send(frame, kind))
  }

  write(maxBytes: number, expectedBytes: number, encode: EncodeInto, kind: FrameKind): SendResult {
    if (!this.isOn) return this.inner.write(maxBytes, expectedBytes, encode, kind)
    this.encode = encode
    this.encoded = undefined
    const result = this.inner.write(maxBytes, expectedBytes, this.copied, kind)
    return this.sent(this.encoded, kind, result)
  }

  private sent(frame: Uint8Array | undefined, kind: FrameKind, result: SendResult): SendResult {
    if (frame !== undefined && result !== "refused" && this.isOn)
      this.lines.write(this.reader.sent(this.of?.wire, frame, kind))
    return result
  }

  private get isOn(): boolean {
    if (this.lines.isOn) return true
    this.reader.forget()
    return false
  }
}
