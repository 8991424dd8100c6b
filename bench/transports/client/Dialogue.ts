import { Packr } from "msgpackr"
import type { Transport, Wire } from "../cases.ts"
import type { Payload } from "../Payload.ts"
import type { Address, Dialect } from "../subjects.ts"
import type { Peer } from "./Peer.ts"

export interface Answer {
  readonly id: number
  readonly payload: unknown
}

/** How the load client talks with one kind of server. */
export interface Dialogue {
  /** A connection on which echoes may be asked for. */
  readonly connect: (address: Address) => Promise<Peer>
  /** The bytes of a request as they go to the socket; to be asked for once a connection stands. */
  readonly request: (peer: Peer, id: number, payload: Payload) => Buffer
  /** Reads an answer's last frame; `undefined` for a frame that comes before it. Throws for anything else. */
  readonly read: (frame: Buffer) => Answer | undefined
  /** Deals with a frame that does not have an answer's length, or throws. */
  readonly onOther: (peer: Peer, frame: Buffer) => void
}

export interface DialogueSpec {
  readonly dialect: Dialect
  readonly transport: Transport
  readonly wire: Wire
  /** Full name of the message. */
  readonly message: string
}

const packr = new Packr({ useRecords: false, variableMapSize: true })

export const encodeAs = (wire: Wire, value: unknown): Buffer =>
  wire === "json" ? Buffer.from(JSON.stringify(value)) : packr.pack(value)

export const decodeAs = (wire: Wire, bytes: Buffer): unknown =>
  wire === "json" ? JSON.parse(bytes.toString("utf8")) : packr.unpack(bytes)

export const unexpected = (frame: Buffer): Error =>
  new Error(`The server sent something that is no echo: ${frame.toString("latin1").slice(0, 300)}`)
