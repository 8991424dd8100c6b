/** The envelope that a program on bare `ws` usually makes for itself: `{ type, id, payload }`, answered by `{ id, payload }`. */
import { type Answer, type Dialogue, type DialogueSpec, decodeAs, encodeAs, unexpected } from "./Dialogue.ts"
import { connectWebSocket } from "./Peer.ts"

export const make = ({ wire }: DialogueSpec): Dialogue => ({
  connect: (address) => connectWebSocket(address, "/"),
  request: (peer, id, payload) => peer.bytesOf(encodeAs(wire, { type: "echo", id, payload }), wire === "json"),
  read: (frame) => decodeAs(wire, frame) as Answer,
  onOther: (_peer, frame) => {
    throw unexpected(frame)
  }
})
