/**
 * A chat peer on TCP and the binary wire, written from docs/wire.md alone: no package, no code of Mortise.
 *
 *     node raw-tcp-peer.mjs HOST PORT NAME ROOM
 *
 * Says to the room each line of its standard input; prints what happens, one JSON object a line: `joined`, `message`,
 * `said`, `goaway`, `error`, `closed`.
 */
import { connect } from "node:net"
import { createInterface } from "node:readline"

const [host, port, name, room] = process.argv.slice(2)
const print = (event, fields = {}) => process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`)

// --- MessagePack, as far as a chat needs it ------------------------------------------------------------------------

const encode = (value) => {
  if (Number.isInteger(value) && value >= 0) {
    if (value < 0x80) return Buffer.from([value])
    const bytes = Buffer.alloc(5, 0xce)
    bytes.writeUInt32BE(value, 1)
    return bytes
  }
  if (typeof value === "string") {
    const bytes = Buffer.from(value)
    const head = bytes.length < 32 ? [0xa0 | bytes.length] : [0xda, bytes.length >> 8, bytes.length & 0xff]
    return Buffer.concat([Buffer.from(head), bytes])
  }
  const entries = Object.entries(value)
  return Buffer.concat([Buffer.from([0x80 | entries.length]), ...entries.flat().map(encode)])
}

/** A reader of one value after another. */
const reader = (bytes) => {
  let at = 0
  const take = (length) => bytes.subarray(at, (at += length))
  const unsigned = (length) => (length === 8 ? Number(take(8).readBigUInt64BE()) : take(length).readUIntBE(0, length))
  const signed = (length) => (length === 8 ? Number(take(8).readBigInt64BE()) : take(length).readIntBE(0, length))
  const text = (length) => take(length).toString("utf8")
  const list = (length) => Array.from({ length }, read)
  const map = (length) => Object.fromEntries(Array.from({ length }, () => [read(), read()]))
  const read = () => {
    const type = unsigned(1)
    if (type < 0x80) return type
    if (type < 0x90) return map(type & 0x0f)
    if (type < 0xa0) return list(type & 0x0f)
    if (type < 0xc0) return text(type & 0x1f)
    if (type >= 0xe0) return type - 0x100
    switch (type) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return take(unsigned(2 ** (type - 0xc4)))
      case 0xca:
        return take(4).readFloatBE()
      case 0xcb:
        return take(8).readDoubleBE()
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return unsigned(2 ** (type - 0xcc))
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return signed(2 ** (type - 0xd0))
      case 0xd9:
      case 0xda:
      case 0xdb:
        return text(unsigned(2 ** (type - 0xd9)))
      case 0xdc:
      case 0xdd:
        return list(unsigned(2 ** (type - 0xdb)))
      case 0xde:
      case 0xdf:
        return map(unsigned(2 ** (type - 0xdd)))
      default:
        throw new Error(`MessagePack type 0x${type.toString(16)} is not expected here`)
    }
  }
  return read
}

// --- the wire (sections 1 to 4) ------------------------------------------------------------------------------------

const kinds = { hello: 1, request: 2, response: 3, event: 11, control: 15 }
const socket = connect({ host, port: Number(port) })

const send = (kind, message, id, payload) => {
  const body = payload === undefined ? Buffer.alloc(0) : encode(payload)
  const head = Buffer.alloc(12)
  head.writeUInt32BE(8 + body.length, 0)
  head.writeUInt8(kind, 4)
  head.writeUInt16BE(message, 6)
  head.writeUInt32BE(id, 8)
  socket.write(Buffer.concat([head, body]))
}

/** Numbers by full name, and full names by number, from the server's hello. */
const numbers = new Map()
const names = new Map()
const waiting = new Map()
let lastId = 0

const request = (message, payload, then) => {
  const id = ++lastId
  waiting.set(id, then)
  send(kinds.request, numbers.get(message), id, payload)
}

const receive = (frame) => {
  const [kind, flags] = frame
  const message = frame.readUInt16BE(2)
  const id = frame.readUInt32BE(4)
  let at = 8
  if (flags & 0x01) {
    let entries = frame[at++]
    for (; entries > 0; entries--) {
      at += 1 + frame[at]
      at += 2 + frame.readUInt16BE(at)
    }
  }
  const payload = at < frame.length ? reader(frame.subarray(at))() : undefined
  if (kind === kinds.hello) {
    for (const [number, , full] of payload.messages) {
      numbers.set(full, number)
      names.set(number, full)
    }
    request("chat.join", { name, room }, ({ members }) => print("joined", { members }))
    createInterface({ input: process.stdin }).on("line", (text) =>
      request("chat.say", { text }, (said) => print("said", { id: said }))
    )
  } else if (kind === kinds.response) {
    const then = waiting.get(id)
    waiting.delete(id)
    if (flags & 0x06) print("error", { message: JSON.stringify(payload) })
    else then(payload)
  } else if (kind === kinds.event && names.get(message) === "chat.message") {
    print("message", { name: payload.name, text: payload.text })
  } else if (kind === kinds.control && payload.type === "goaway") print("goaway", { reason: payload.reason })
  else if (kind === kinds.control && payload.type === "ping") {
    send(kinds.control, 0, 0, { type: "pong", ...(payload.token === undefined ? {} : { token: payload.token }) })
  } else if (kind === kinds.control && payload.type === "fault") {
    print("error", { message: JSON.stringify(payload.fault) })
  }
}

let rest = Buffer.alloc(0)
socket.on("connect", () => send(kinds.hello, 0, 0, { min: 1, max: 1 }))
socket.on("data", (chunk) => {
  rest = Buffer.concat([rest, chunk])
  while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
    const end = 4 + rest.readUInt32BE(0)
    receive(rest.subarray(4, end))
    rest = rest.subarray(end)
  }
})
socket.on("error", (error) => print("error", { message: error.message }))
socket.on("close", () => {
  print("closed")
  process.stdin.destroy()
})
