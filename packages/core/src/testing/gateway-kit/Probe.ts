import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import { unpack } from "../../transport/internal/messagePack.ts"
import type { Connection, ConnectionHandler, FrameKind, SendResult } from "../../transport/Transport.ts"
import {
  type Envelope,
  type Fault,
  Kind,
  Malformed,
  type Meta,
  Outcome,
  type Wire,
  type WireSession
} from "../../transport/Wire.ts"
import { until } from "../until.ts"

/** Parts of an envelope to send; payloads in their encoded form. */
export interface Parts {
  readonly id?: number
  readonly payload?: unknown
  readonly meta?: Meta
  /** whom a relay is for */
  readonly to?: string
}

/** A client that says what a case wants it to say, right or wrong, and writes down all that it hears. */
export class Probe implements ConnectionHandler {
  connection!: Connection
  readonly received: Array<Envelope> = []
  /** as bytes, in order */
  readonly frames: Array<Uint8Array> = []
  /** from the hello: full name → number */
  readonly numbers = new Map<string, number>()
  /** its id on the server, from the hello */
  id = ""
  /** the code given to `onClose` */
  code: number | undefined
  reason = ""
  drains = 0
  private readonly wire: Wire
  private readonly session: WireSession

  constructor(wire: Wire) {
    this.wire = wire
    this.session = wire.make("client")
  }

  readonly open = (connection: Connection): ConnectionHandler => {
    this.connection = connection
    return this
  }

  onFrame(bytes: Uint8Array, start: number, end: number, kind: FrameKind): void {
    this.frames.push(new Uint8Array(bytes.subarray(start, end)))
    const envelope = this.session.decode(bytes, start, end, kind)
    assert.ok(!(envelope instanceof Malformed), "the server sent a malformed frame")
    const payload = plain(envelope.payload)
    this.received.push({ ...envelope, payload })
    if (envelope.kind !== Kind.hello) return
    const hello = payload as {
      readonly connection: string
      readonly messages: ReadonlyArray<readonly [number, string, string]>
    }
    this.id = hello.connection
    for (const [number, , name] of hello.messages) this.numbers.set(name, number)
  }

  onDrain(): void {
    this.drains++
  }

  onClose(code: number, reason: string): void {
    this.code = code
    this.reason = reason
  }

  get isClosed(): boolean {
    return this.code !== undefined
  }

  /** `name` is a message's full name, or 0 for none; other numbers are sent as they are. */
  send(kind: Kind, name: string | number, { id = 0, meta, payload, to = "" }: Parts = {}): SendResult {
    const message = typeof name === "string" && this.wire.numbered ? (this.numbers.get(name) ?? 0xffff) : name
    return this.session.write(this.connection, {
      kind,
      id,
      message,
      outcome: Outcome.success,
      payload,
      meta,
      peer: to
    })
  }

  request(tag: string, id: number, payload?: unknown, meta?: Meta): SendResult {
    return this.send(Kind.request, `kit.${tag}`, { id, payload, ...(meta === undefined ? {} : { meta }) })
  }

  signal(tag: string, payload?: unknown): SendResult {
    return this.send(Kind.signal, `kit.${tag}`, { payload })
  }

  /** Sends bytes as one frame, whatever they are. */
  raw(bytes: Uint8Array): SendResult {
    return this.connection.send(bytes, this.wire.frameKind)
  }

  sayHello(): Effect.Effect<void> {
    this.send(Kind.hello, 0, { payload: { min: 1, max: 1 } })
    return until("the server's hello", () => this.id !== "")
  }

  /** What came for a request: items, then the response or the end. */
  of(id: number): ReadonlyArray<Envelope> {
    return this.received.filter((envelope) => envelope.id === id)
  }

  /** Ids in the order in which they were answered. */
  get answered(): ReadonlyArray<number> {
    return this.received.filter(({ kind }) => kind === Kind.response || kind === Kind.end).map(({ id }) => id)
  }

  /** Waits for the response or the end that answers `id`. */
  answer(id: number): Effect.Effect<Envelope> {
    const last = () => this.of(id).find(({ kind }) => kind === Kind.response || kind === Kind.end)
    return Effect.map(
      until(`the answer to ${id}`, () => last() !== undefined),
      () => last() as Envelope
    )
  }

  /** Waits for the fault that answers `id`. */
  fault(id: number): Effect.Effect<Fault> {
    return Effect.map(this.answer(id), ({ outcome, payload }) => {
      assert.equal(outcome, Outcome.fault, `${id} was answered with ${JSON.stringify(payload)}, not with a fault`)
      return payload as Fault
    })
  }

  /** Faults that belong to no request. */
  get faults(): ReadonlyArray<Fault> {
    return this.control("fault").map((control) => control.fault as Fault)
  }

  /** Payloads of the control envelopes of one type. */
  control(type: string): ReadonlyArray<{ readonly [key: string]: unknown }> {
    return this.received
      .filter(({ kind }) => kind === Kind.control)
      .map(({ payload }) => payload as { readonly [key: string]: unknown })
      .filter((payload) => payload.type === type)
  }

  /** Payloads of the events of one tag. */
  events(tag: string): ReadonlyArray<unknown> {
    const message = this.wire.numbered ? this.numbers.get(`kit.${tag}`) : `kit.${tag}`
    return this.received
      .filter((envelope) => envelope.kind === Kind.event && envelope.message === message)
      .map(({ payload }) => payload)
  }

  get relays(): ReadonlyArray<Envelope> {
    return this.received.filter(({ kind }) => kind === Kind.relay)
  }
}

/** A payload as plain data: the binary wire leaves it where it lies in the frame. */
const plain = (payload: unknown): unknown => {
  if (typeof payload !== "object" || payload === null || !("start" in payload)) return payload
  const { bytes, end, start } = payload as { readonly bytes: Uint8Array; readonly start: number; readonly end: number }
  return unpack(bytes, start, end)
}
