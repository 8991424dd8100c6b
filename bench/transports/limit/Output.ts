import type { Socket } from "node:net"

const BYTES = 256 * 1024

/**
 * Where the answers of one chunk are gathered for one write. As long as the kernel takes everything at once the same
 * memory serves all connections.
 */
export class Output {
  bytes = Buffer.allocUnsafeSlow(BYTES)
  to = 0

  /** Sends what there is when `room` more bytes do not fit. */
  ensure(socket: Socket, room: number): void {
    if (this.to + room <= this.bytes.length) return
    this.send(socket)
    if (room > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow(room)
  }

  send(socket: Socket): void {
    if (this.to === 0) return
    socket.write(this.to === this.bytes.length ? this.bytes : this.bytes.subarray(0, this.to))
    this.to = 0
    // bytes left in the socket's queue still lie here
    if (socket.writableLength > 0) this.bytes = Buffer.allocUnsafeSlow(BYTES)
  }
}
