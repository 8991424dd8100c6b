/**
 * A client over `node:net` for the kits. The platform's WebSocket cannot stop reading, so with it no server ever meets a
 * peer that holds it up.
 */
import type { Socket } from "node:net"
import { Turn, type TurnShape } from "@mortise/core/app/Turn"
import { nextConnectionId } from "@mortise/core/transport/ConnectionId"
import type { OutboxLimits } from "@mortise/core/transport/Outbox"
import type {
  Connection,
  ConnectionHandler,
  Connector,
  EncodeInto,
  FrameKind,
  PeerInfo,
  SendResult
} from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import { BINARY, CLOSE, FIN, TEXT } from "../opcode.ts"
import { dial } from "./dial.ts"
import { clientFrame, closeFrame, type ServerFrame, ServerFrames } from "./frames.ts"

interface Settings {
  readonly maxFrameBytes: number
  readonly limits: OutboxLimits
}

class NetConnection implements Connection {
  readonly id = nextConnectionId("websocket")
  readonly peer: PeerInfo
  handler: ConnectionHandler | undefined
  private readonly socket: Socket
  private readonly settings: Settings
  private readonly parser = new ServerFrames()
  private held: Array<ServerFrame> = []
  private paused = false
  private delivering = false
  private wantsDrain = false
  private closing: readonly [code: number, reason: string] | undefined
  private finished = false
  readonly closed: Effect.Effect<void>

  private readonly turn: TurnShape

  constructor(peer: PeerInfo, socket: Socket, settings: Settings, turn: TurnShape) {
    this.turn = turn
    this.peer = peer
    this.socket = socket
    this.settings = settings
    this.closed = Effect.callback((resume) => {
      if (socket.destroyed) return resume(Effect.void)
      socket.once("close", () => resume(Effect.void))
    })
  }

  start(rest: Uint8Array): void {
    const { socket } = this
    socket.on("error", () => socket.destroy())
    socket.on("data", (chunk) => this.take(this.parser.push(chunk)))
    socket.on("end", () => void socket.end())
    socket.on("close", () => this.finish(...(this.closing ?? [1006, ""])))
    this.take(this.parser.push(rest))
    if (!this.paused) socket.resume()
  }

  send(frame: Uint8Array, kind: FrameKind): SendResult {
    return this.write(frame.length, frame.length, (target, at) => (target.set(frame, at), frame.length), kind)
  }

  write(maxBytes: number, expectedBytes: number, encode: EncodeInto, kind: FrameKind): SendResult {
    const { limits, maxFrameBytes } = this.settings
    if (this.isShut() || expectedBytes > maxFrameBytes) return "refused"
    if (this.pendingBytes() + expectedBytes + 14 > limits.maxPendingBytes) return "refused"
    const target = new Uint8Array(maxBytes)
    const bytes = encode(target, 0)
    if (bytes < 0 || bytes > maxFrameBytes) return "refused"
    this.put(kind === "text" ? TEXT : BINARY, target.subarray(0, bytes))
    if (this.pendingBytes() < limits.highWaterMark) return "sent"
    this.wantsDrain = true
    return "full"
  }

  private put(opcode: number, payload: Uint8Array): void {
    // corked for this turn, so that bytes are pending for a moment as they are with a real client
    this.socket.cork()
    this.turn.schedule(() => this.socket.uncork())
    this.socket.write(clientFrame(FIN | opcode, payload), () => {
      if (!this.wantsDrain || this.isShut() || this.pendingBytes() >= this.settings.limits.highWaterMark) return
      this.wantsDrain = false
      this.guarded(() => this.handler?.onDrain())
    })
  }

  pendingBytes(): number {
    return this.socket.writableLength
  }

  private isShut(): boolean {
    return this.finished || this.closing !== undefined
  }

  pause(): void {
    this.paused = true
    this.socket.pause()
  }

  resume(): void {
    this.paused = false
    if (!this.delivering) this.take([])
    if (!this.paused) this.socket.resume()
  }

  private take(frames: ReadonlyArray<ServerFrame>): void {
    this.held.push(...frames)
    this.delivering = true
    while (!this.paused) {
      const frame = this.held.shift()
      if (frame === undefined) break
      this.takeFrame(frame)
    }
    this.delivering = false
  }

  private takeFrame({ first, payload }: ServerFrame): void {
    const opcode = first & 15
    if (opcode === CLOSE) {
      const code = payload.length < 2 ? 1005 : Buffer.from(payload).readUInt16BE(0)
      if (this.closing === undefined) this.put(CLOSE, payload)
      this.socket.end()
      this.finish(...(this.closing ?? [code, Buffer.from(payload.subarray(2)).toString()]))
    } else if (opcode < CLOSE && !this.isShut()) {
      if (payload.length > this.settings.maxFrameBytes) return this.close(1009, "too big")
      this.guarded(() => this.handler?.onFrame(payload, 0, payload.length, opcode === TEXT ? "text" : "binary"))
    }
  }

  private guarded(call: () => void): void {
    try {
      call()
    } catch {
      this.close(1011, "a handler threw")
    }
  }

  close(code: number, reason: string): void {
    if (this.isShut()) return
    this.put(CLOSE, closeFrame(code, reason))
    this.closing = [code, reason]
    this.paused = false
    this.socket.resume()
    this.turn.arm(1_000, () => this.socket.destroy())
  }

  private finish(code: number, reason: string): void {
    if (this.finished) return
    this.finished = true
    this.guarded(() => this.handler?.onClose(code, reason))
  }
}

export const make = (address: string, settings: Settings): Connector => ({
  name: "websocket",
  capabilities: {
    ordered: true,
    reliable: true,
    duplex: true,
    text: true,
    closeCodes: true,
    maxFrameBytes: settings.maxFrameBytes
  },
  connect: (open) =>
    Effect.acquireRelease(
      Effect.map(Effect.all([dial("websocket", address), Turn]), ([{ answer, socket }, turn]) => {
        const { host, pathname } = new URL(address)
        const headers = new Map<string, string>()
        const peer = {
          transport: "websocket",
          address: host,
          secure: false,
          headers,
          path: pathname,
          origin: undefined
        }
        const connection = new NetConnection(peer, socket, settings, turn)
        connection.handler = open(connection)
        connection.start(answer.rest)
        return connection
      }),
      (connection) => {
        connection.close(1000, "")
        return connection.closed
      },
      { interruptible: true }
    )
})
