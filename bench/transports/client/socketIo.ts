/**
 * What the socket.io client says (protocol 5 over engine.io 4): an event with an acknowledgement. On the json wire the
 * payload is the event's argument; on the binary wire it is MessagePack in a binary attachment.
 */
import { type Dialogue, type DialogueSpec, decodeAs, encodeAs, unexpected } from "./Dialogue.ts"
import { connectWebSocket } from "./Peer.ts"

const PING = "2"
const PONG = Buffer.from("3")
const CONNECT = Buffer.from("40")
const ACK = "43"
const BINARY_ACK = "461-"
const ATTACHMENT = '{"_placeholder":true,"num":0}'

const readAck = (frame: Buffer): { readonly id: number; readonly payload: unknown } => {
  const [, id, args] = /^43(\d+)(.*)$/s.exec(frame.toString("utf8")) ?? []
  if (args === undefined) throw unexpected(frame)
  return { id: Number(id), payload: (JSON.parse(args) as ReadonlyArray<unknown>)[0] }
}

export const make = ({ wire }: DialogueSpec): Dialogue => {
  /** of the binary acknowledgement whose attachment comes next */
  let id = 0
  return {
    connect: async (address) => {
      const peer = await connectWebSocket(address, "/socket.io/?EIO=4&transport=websocket")
      const opened = await peer.next()
      if (!opened.toString("latin1").startsWith("0{")) throw unexpected(opened)
      peer.send(CONNECT, true)
      const connected = await peer.next()
      if (!connected.toString("latin1").startsWith("40{")) throw unexpected(connected)
      return peer
    },
    request: (peer, id, payload) =>
      wire === "json"
        ? peer.bytesOf(Buffer.from(`42${id}${JSON.stringify(["echo", payload])}`), true)
        : Buffer.concat([
            peer.bytesOf(Buffer.from(`451-${id}["echo",${ATTACHMENT}]`), true),
            peer.bytesOf(encodeAs("binary", payload), false)
          ]),
    read: (frame) => {
      if (wire === "json") return readAck(frame)
      if (frame.toString("latin1", 0, BINARY_ACK.length) === BINARY_ACK) {
        id = Number.parseInt(frame.toString("latin1", BINARY_ACK.length), 10)
        return undefined
      }
      return { id, payload: decodeAs("binary", frame) }
    },
    onOther: (peer, frame) => {
      const text = frame.toString("latin1")
      if (text === PING) peer.send(PONG, true)
      else if (!text.startsWith(wire === "json" ? ACK : BINARY_ACK)) throw unexpected(frame)
    }
  }
}
