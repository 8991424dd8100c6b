/** Mortise's own wire, as docs/wire.md has it. */
import type { Wire } from "../cases.ts"
import { type Dialogue, type DialogueSpec, decodeAs, encodeAs, unexpected } from "./Dialogue.ts"
import { connectStream, connectWebSocket } from "./Peer.ts"

const HEADER = 8
const Kind = { hello: 1, request: 2, response: 3 } as const

interface Hello {
  readonly messages: ReadonlyArray<readonly [number: number, kind: string, name: string]>
}

const binaryFrame = (kind: number, message: number, id: number, payload: unknown): Buffer => {
  const header = Buffer.alloc(HEADER)
  header[0] = kind
  header.writeUInt16BE(message, 2)
  header.writeUInt32BE(id, 4)
  return Buffer.concat([header, encodeAs("binary", payload)])
}

export const helloFrame = (wire: Wire): Buffer => {
  const payload = { min: 1, max: 1 }
  return wire === "json" ? encodeAs(wire, { kind: "hello", payload }) : binaryFrame(Kind.hello, 0, 0, payload)
}

export const requestFrame = (
  wire: Wire,
  message: { readonly name: string; readonly number: number },
  id: number,
  payload: unknown
): Buffer =>
  wire === "json"
    ? encodeAs(wire, { kind: "request", id, name: message.name, payload })
    : binaryFrame(Kind.request, message.number, id, payload)

const readHello = (wire: Wire, frame: Buffer): Hello => {
  if (wire === "binary") return decodeAs(wire, frame.subarray(HEADER)) as Hello
  return (decodeAs(wire, frame) as { readonly payload: Hello }).payload
}

export const make = (spec: DialogueSpec): Dialogue => {
  const { message: name, transport, wire } = spec
  let number = 0
  return {
    connect: async (address) => {
      const peer = await (transport === "ws" ? connectWebSocket(address, "/ws") : connectStream(address))
      peer.send(helloFrame(wire), wire === "json")
      const hello = readHello(wire, await peer.next())
      const entry = hello.messages.find(([, kind, known]) => kind === "request" && known === name)
      if (entry === undefined) throw new Error(`The server does not know ${name}: ${JSON.stringify(hello)}`)
      if (number !== 0 && number !== entry[0]) throw new Error(`${name} has another number on another connection`)
      number = entry[0]
      return peer
    },
    request: (peer, id, payload) => peer.bytesOf(requestFrame(wire, { name, number }, id, payload), wire === "json"),
    read: (frame) => {
      if (wire === "json") {
        const { id, kind, payload } = decodeAs(wire, frame) as {
          readonly id: number
          readonly kind: string
          readonly payload: unknown
        }
        if (kind !== "response" || payload === undefined) throw unexpected(frame)
        return { id, payload }
      }
      if (frame[0] !== Kind.response || frame[1] !== 0) throw unexpected(frame)
      return { id: frame.readUInt32BE(4), payload: decodeAs(wire, frame.subarray(HEADER)) }
    },
    onOther: (_peer, frame) => {
      throw unexpected(frame)
    }
  }
}
