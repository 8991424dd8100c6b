import { once } from "node:events"
import net, { type Socket } from "node:net"
import type { Address } from "../subjects.ts"
import { lengthPrefixed, masked, type OnFrame, type Splitter, webSocket, withLength } from "./Splitter.ts"

/** One connection of the load client, on a bare socket: frames in, bytes out. */
export class Peer {
  readonly socket: Socket
  private readonly splitter: Splitter
  private readonly envelop: (frame: Buffer, isText: boolean) => Buffer
  private readonly waiting: Array<(frame: Buffer) => void> = []
  private readonly early: Array<Buffer> = []
  /** Called for each frame once it is set; until then frames wait for `next`. */
  onFrame: OnFrame | undefined
  /** Called after each chunk's frames. */
  onChunk: () => void = () => {}
  onLost: (why: string) => void = (why) => {
    throw new Error(why)
  }

  private readonly keep: OnFrame = (bytes, start, end) => {
    const frame = Buffer.from(bytes.subarray(start, end))
    const take = this.waiting.shift()
    if (take === undefined) this.early.push(frame)
    else take(frame)
  }

  constructor(socket: Socket, isWebSocket: boolean, first: Buffer) {
    this.socket = socket
    this.splitter = isWebSocket ? webSocket() : lengthPrefixed()
    this.envelop = isWebSocket ? masked : withLength
    socket.on("error", (error) => this.onLost(error.message))
    socket.on("close", () => this.onLost("the server closed the connection"))
    socket.on("data", (chunk) => this.take(chunk))
    if (first.length > 0) this.take(first)
  }

  /** The bytes that carry a frame on this connection. */
  bytesOf(frame: Buffer, isText: boolean): Buffer {
    return this.envelop(frame, isText)
  }

  send(frame: Buffer, isText: boolean): void {
    this.socket.write(this.envelop(frame, isText))
  }

  /** The next frame that has come, or comes. */
  next(): Promise<Buffer> {
    return new Promise((resolve) => {
      const frame = this.early.shift()
      if (frame === undefined) this.waiting.push(resolve)
      else resolve(frame)
    })
  }

  private take(chunk: Buffer): void {
    this.splitter.push(chunk, this.onFrame ?? this.keep)
    this.onChunk()
  }
}

const connect = async (address: Address): Promise<Socket> => {
  const socket =
    "path" in address
      ? net.connect(address.path)
      : net.connect({ port: address.port, host: "127.0.0.1", noDelay: true })
  await once(socket, "connect")
  return socket
}

/** Frames behind a length, on TCP or a Unix socket. */
export const connectStream = async (address: Address): Promise<Peer> =>
  new Peer(await connect(address), false, Buffer.alloc(0))

/** A WebSocket at `path`. */
export const connectWebSocket = async (address: Address, path: string): Promise<Peer> => {
  const socket = await connect(address)
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
  )
  let head = Buffer.alloc(0)
  for (;;) {
    const [chunk] = (await once(socket, "data")) as [Buffer]
    head = Buffer.concat([head, chunk])
    const end = head.indexOf("\r\n\r\n")
    if (end < 0) continue
    const status = head.toString("latin1", 0, head.indexOf("\r\n"))
    if (!status.includes(" 101 ")) throw new Error(`No upgrade at ${path}: ${status}`)
    return new Peer(socket, true, head.subarray(end + 4))
  }
}
