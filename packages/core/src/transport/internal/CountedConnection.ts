import type { TransportTraffic } from "../Traffic.ts"
import type { Connection, ConnectionHandler, EncodeInto, FrameKind, SendResult } from "../Transport.ts"
import { PassingConnection } from "./PassingConnection.ts"

/** A connection whose frames are counted, in both directions. It stands only where somebody wants to know. */
export class CountedConnection extends PassingConnection {
  private readonly traffic: TransportTraffic
  private written = 0
  private encode: EncodeInto = () => -1
  /** one for all writes: a transport encodes before `write` returns */
  private readonly measured: EncodeInto = (target, at) => (this.written = this.encode(target, at))

  constructor(inner: Connection, traffic: TransportTraffic) {
    super(inner)
    this.traffic = traffic
    traffic.opened++
    traffic.connections.add(inner)
  }

  /** The handler, counting what it is given. */
  handler(of: ConnectionHandler): ConnectionHandler {
    const { inner, traffic } = this
    return {
      onFrame: (bytes, start, end, kind) => {
        traffic.messagesReceived++
        traffic.bytesReceived += end - start
        of.onFrame(bytes, start, end, kind)
      },
      onDrain: () => of.onDrain(),
      onClose: (code, reason) => {
        traffic.connections.delete(inner)
        of.onClose(code, reason)
      }
    }
  }

  send(frame: Uint8Array, kind: FrameKind): SendResult {
    const result = this.inner.send(frame, kind)
    return result === "refused" ? result : this.sent(frame.length, result)
  }

  write(maxBytes: number, expectedBytes: number, encode: EncodeInto, kind: FrameKind): SendResult {
    this.encode = encode
    const result = this.inner.write(maxBytes, expectedBytes, this.measured, kind)
    return result === "refused" ? result : this.sent(this.written, result)
  }

  private sent(bytes: number, result: SendResult): SendResult {
    this.traffic.messagesSent++
    this.traffic.bytesSent += bytes
    return result
  }
}
