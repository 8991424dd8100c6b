/** A WebSocket server that takes whole messages from a client that behaves (RFC 6455): everything in a chunk is answered with one write. */
import { createHash } from "node:crypto"
import http from "node:http"
import type { Socket } from "node:net"
import type { Start } from "../subjects.ts"
import { listen, type OnFrame } from "./lengthPrefixed.ts"
import { Output } from "./Output.ts"

const TEXT = 0x81
const BINARY = 0x82
const CLOSE = 0x08
const MASK = 4
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

/** Size of the header of a message that a server sends. */
export const headerOf = (length: number): number => (length < 126 ? 2 : length < 65536 ? 4 : 10)

/** Writes the header that ends at `end`. */
export const writeHeader = (b: Buffer, end: number, length: number, kind: "text" | "binary"): void => {
  const at = end - headerOf(length)
  b[at] = kind === "text" ? TEXT : BINARY
  if (length < 126) b[at + 1] = length
  else if (length < 65536) {
    b[at + 1] = 126
    b[at + 2] = length >> 8
    b[at + 3] = length & 0xff
  } else {
    b[at + 1] = 127
    b.writeUInt32BE(0, at + 2)
    b.writeUInt32BE(length, at + 6)
  }
}

/** Takes the mask off in place, a word at a time; `words` are those of the whole memory behind the bytes. */
const unmask = (b: Buffer, words: Int32Array, start: number, end: number): void => {
  const key = start - MASK
  const shift = b.byteOffset
  let i = start
  for (; ((i + shift) & 3) !== 0 && i < end; i++) b[i] = (b[i] as number) ^ (b[key + ((i - start) & 3)] as number)
  const turn = i - start
  const word =
    (b[key + (turn & 3)] as number) |
    ((b[key + ((turn + 1) & 3)] as number) << 8) |
    ((b[key + ((turn + 2) & 3)] as number) << 16) |
    ((b[key + ((turn + 3) & 3)] as number) << 24)
  const last = (end + shift) >> 2
  for (let k = (i + shift) >> 2; k < last; k++) words[k] = (words[k] as number) ^ word
  for (i = Math.max(i, (last << 2) - shift); i < end; i++)
    b[i] = (b[i] as number) ^ (b[key + ((i - start) & 3)] as number)
}

const wordsOf = (b: Buffer): Int32Array => new Int32Array(b.buffer, 0, b.buffer.byteLength >> 2)

const HEADER_MAX = 14

/** Length of the frame at `at` with its header, or infinity where the header is cut; `size` gets the header's length. */
let size = 0
const frameAt = (b: Buffer, at: number, end: number): number => {
  if (at + 6 > end) return Number.POSITIVE_INFINITY
  const short = (b[at + 1] as number) & 0x7f
  if (short < 126) {
    size = 6
    return 6 + short
  }
  size = short === 126 ? 8 : HEADER_MAX
  if (at + size > end) return Number.POSITIVE_INFINITY
  return size + (short === 126 ? ((b[at + 2] as number) << 8) | (b[at + 3] as number) : b.readUInt32BE(at + 6))
}

const attach = (socket: Socket, head: Buffer, output: Output, onFrame: OnFrame): void => {
  let rest: Buffer | undefined
  const take = (bytes: Buffer, words: Int32Array, at: number, end: number): void => {
    if (((bytes[at] as number) & 0x0f) === CLOSE) return void socket.end()
    unmask(bytes, words, at + size, end)
    onFrame(socket, output, bytes, at + size, end)
  }
  const onData = (data: Buffer): void => {
    let chunk = data
    let start = 0
    if (rest !== undefined) {
      const need = frameAt(rest, 0, rest.length) - rest.length
      if (need > chunk.length) chunk = Buffer.concat([rest, chunk])
      else {
        const frame = Buffer.concat([rest, chunk.subarray(0, need)])
        take(frame, wordsOf(frame), 0, frame.length)
        start = need
      }
      rest = undefined
    }
    const length = chunk.length
    const words = wordsOf(chunk)
    while (start < length) {
      const end = start + frameAt(chunk, start, length)
      if (end > length) break
      take(chunk, words, start, end)
      start = end
    }
    if (start < length) rest = chunk.subarray(start)
    output.send(socket)
  }
  socket.on("error", () => socket.destroy())
  socket.on("data", onData)
  if (head.length > 0) onData(Buffer.from(head))
}

export const serve =
  (onFrame: OnFrame): Start =>
  (at) => {
    const output = new Output()
    const server = http.createServer()
    server.on("upgrade", (request, socket, head) => {
      const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${GUID}`).digest("base64")
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
      )
      attach(socket as Socket, head, output, onFrame)
    })
    return listen(server, at)
  }
