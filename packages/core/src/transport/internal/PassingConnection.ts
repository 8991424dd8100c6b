import type { CloseCode, Connection, EncodeInto, FrameKind, PeerInfo, SendResult } from "../Transport.ts"

/** A connection in front of another one, which looks at what is sent. What it does not look at passes on to the other. */
export abstract class PassingConnection implements Connection {
  readonly id: string
  readonly peer: PeerInfo
  protected readonly inner: Connection

  constructor(inner: Connection) {
    this.id = inner.id
    this.peer = inner.peer
    this.inner = inner
  }

  abstract send(frame: Uint8Array, kind: FrameKind): SendResult
  abstract write(maxBytes: number, expectedBytes: number, encode: EncodeInto, kind: FrameKind): SendResult

  pendingBytes(): number {
    return this.inner.pendingBytes()
  }
  pause(): void {
    this.inner.pause()
  }
  resume(): void {
    this.inner.resume()
  }
  close(code: CloseCode, reason: string): void {
    this.inner.close(code, reason)
  }
}
