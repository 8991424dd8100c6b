/** A client on a bare TCP socket, written from docs/wire.md alone: nothing of Mortise is imported here. */
import { connect, type Socket } from "node:net"
import { pack, unpack } from "./messagePack.ts"

/** An envelope with the fields of the json wire (§2.1), on both wires. */
export interface Envelope {
  readonly kind: string
  readonly id?: number
  readonly name?: string
  readonly meta?: ReadonlyArray<readonly [key: string, value: string]>
  readonly payload?: unknown
  readonly error?: unknown
  readonly fault?: unknown
  readonly to?: string
  readonly from?: string
  readonly bytes?: string
}

// §2
const kinds = [
  "",
  "hello",
  "request",
  "response",
  "item",
  "input",
  "credit",
  "end",
  "cancel",
  "call",
  "signal",
  "event",
  "relay",
  "ack",
  "gap",
  "control"
]

/** §1: four bytes of length, big-endian, then the frame. */
export const framed = (frame: Uint8Array): Buffer => {
  const header = Buffer.alloc(4)
  header.writeUInt32BE(frame.length)
  return Buffer.concat([header, frame])
}

interface Waiter {
  readonly wants: (envelope: Envelope) => boolean
  readonly resolve: (envelope: Envelope) => void
}

export class Stranger {
  readonly #socket: Socket
  readonly #wire: "json" | "binary"
  #received: Buffer = Buffer.alloc(0)
  #numbers = new Map<string, number>()
  #names = new Map<number, string>()
  #unread: Array<Envelope> = []
  #waiters: Array<Waiter> = []
  #lastId = 0
  readonly closed: Promise<void>

  private constructor(socket: Socket, wire: "json" | "binary") {
    this.#socket = socket
    this.#wire = wire
    this.closed = new Promise((resolve) => socket.on("close", () => resolve()))
    socket.on("error", () => {})
    socket.on("data", (chunk) => this.#chunk(chunk))
  }

  static connect(port: number, wire: "json" | "binary"): Promise<Stranger> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1")
      socket.once("error", reject)
      socket.once("connect", () => resolve(new Stranger(socket, wire)))
    })
  }

  #chunk(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readUInt32BE(0)
      if (this.#received.length < end) return
      const frame = this.#received.subarray(4, end)
      this.#received = this.#received.subarray(end)
      this.#take(this.#wire === "json" ? (JSON.parse(frame.toString("utf8")) as Envelope) : this.#read(frame))
    }
  }

  #take(envelope: Envelope): void {
    const i = this.#waiters.findIndex(({ wants }) => wants(envelope))
    if (i < 0) this.#unread.push(envelope)
    else this.#waiters.splice(i, 1)[0]?.resolve(envelope)
  }

  /** The next envelope that `wants` says yes to. */
  next(wants: (envelope: Envelope) => boolean): Promise<Envelope> {
    const i = this.#unread.findIndex(wants)
    if (i >= 0) return Promise.resolve(this.#unread.splice(i, 1)[0] as Envelope)
    return new Promise((resolve) => this.#waiters.push({ wants, resolve }))
  }

  // §2.2
  #read(frame: Buffer): Envelope {
    const kind = kinds[frame[0] ?? 0] ?? ""
    const flags = frame[1] ?? 0
    const number = frame.readUInt16BE(2)
    const id = frame.readUInt32BE(4)
    const rest = frame.subarray(8)
    const base = {
      kind,
      ...(id === 0 ? {} : { id }),
      ...(number === 0 ? {} : { name: this.#names.get(number) ?? "?" })
    }
    if (kind === "relay") {
      const length = rest[0] ?? 0
      const from = rest.toString("utf8", 1, 1 + length)
      return { ...base, from, bytes: rest.subarray(1 + length).toString("base64") }
    }
    if (rest.length === 0) return base
    const value = unpack(rest)
    return flags & 4 ? { ...base, fault: value } : flags & 2 ? { ...base, error: value } : { ...base, payload: value }
  }

  #write({ bytes, id = 0, kind, meta, name, payload, to = "" }: Envelope): Buffer {
    const header = Buffer.alloc(8)
    header[0] = kinds.indexOf(kind)
    header[1] = meta === undefined ? 0 : 1
    header.writeUInt16BE(name === undefined ? 0 : (this.#numbers.get(name) ?? 0xffff), 2)
    header.writeUInt32BE(id, 4)
    const parts: Array<Uint8Array> = [header]
    if (meta !== undefined) {
      parts.push(Buffer.from([meta.length]))
      for (const [key, value] of meta) {
        parts.push(Buffer.from([key.length]), Buffer.from(key), Buffer.from([0, value.length]), Buffer.from(value))
      }
    }
    if (kind === "relay") parts.push(Buffer.from([to.length]), Buffer.from(to), Buffer.from(bytes ?? "", "base64"))
    else if (payload !== undefined) parts.push(pack(payload))
    return Buffer.concat(parts)
  }

  /** The bytes of an envelope on this client's wire, framed. */
  encode(envelope: Envelope): Buffer {
    return framed(this.#wire === "json" ? Buffer.from(JSON.stringify(envelope)) : this.#write(envelope))
  }

  send(envelope: Envelope): void {
    this.#socket.write(this.encode(envelope))
  }

  /** Writes bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  // §3
  async hello(payload: unknown = { min: 1, max: 1 }): Promise<Envelope> {
    this.send({ kind: "hello", payload })
    const answer = await this.next(({ kind }) => kind === "hello" || kind === "control")
    const { messages = [] } = (answer.payload ?? {}) as { messages?: ReadonlyArray<readonly [number, string, string]> }
    this.#numbers = new Map(messages.map(([number, , name]) => [name, number]))
    this.#names = new Map(messages.map(([number, , name]) => [number, name]))
    return answer
  }

  /** Sends a request or a relay under a fresh id. */
  ask(envelope: Omit<Envelope, "id">): number {
    const id = ++this.#lastId
    this.send({ ...envelope, id })
    return id
  }

  // §4
  async request(name: string, payload?: unknown, meta?: Envelope["meta"]): Promise<Envelope> {
    const id = this.ask({ kind: "request", name, ...(payload === undefined ? {} : { payload }), ...(meta && { meta }) })
    return this.answer(id)
  }

  answer(id: number): Promise<Envelope> {
    return this.next((envelope) => envelope.kind === "response" && envelope.id === id)
  }

  close(): void {
    this.#socket.destroy()
  }
}
