import * as Effect from "effect/Effect"
import type { Message } from "../../transport/Contract.ts"
import type { Connection, SendResult } from "../../transport/Transport.ts"
import { InvalidPayload, Kind, type Meta, Outcome, type Wire, type WireSession } from "../../transport/Wire.ts"
import type { ClientError, ConnectionClosed } from "../ClientError.ts"
import type { MessageTable } from "./MessageTable.ts"
import { badPayload, notServed, queueFull } from "./problems.ts"

/** What goes out on a client's connection. */
export class Speaker {
  readonly wire: Wire
  readonly session: WireSession
  /** why nothing is said any more */
  closing: ConnectionClosed | undefined
  private readonly connection: Connection
  private readonly table: MessageTable
  /** the queue is over its high-water mark: whoever tells without being answered waits */
  private full = false
  private waiting: Array<() => void> = []
  private readonly drained: Effect.Effect<void> = Effect.callback((resume) => {
    if (!this.full) return resume(Effect.void)
    this.waiting.push(() => resume(Effect.void))
  })

  constructor(connection: Connection, wire: Wire, table: MessageTable) {
    this.connection = connection
    this.wire = wire
    this.session = wire.make("client")
    this.table = table
  }

  signal(message: Message, payload: unknown): Effect.Effect<void, ClientError> {
    return Effect.suspend(() => {
      const failed = this.tell(Kind.signal, 0, message, payload)
      if (failed !== undefined) return Effect.fail(failed)
      return this.full ? this.drained : Effect.void
    })
  }

  /** Sends a message of the contract; gives why it was not sent. */
  tell(kind: Kind, id: number, message: Message, payload: unknown, peer = ""): ClientError | undefined {
    if (this.closing !== undefined) return this.closing
    const { name } = message
    const number = this.table.numberOf(name)
    if (number === undefined) return notServed(name)
    let data = payload
    if (kind !== Kind.relay) {
      data = this.table.coder(message, "payload").prepare(payload)
      if (data instanceof InvalidPayload) return badPayload(name, data)
    }
    if (this.send(kind, id, this.wire.numbered ? number : name, data, peer) !== "refused") return undefined
    return this.closing ?? queueFull(name)
  }

  send(kind: Kind, id: number, message: number | string, payload: unknown, peer = "", meta?: Meta): SendResult {
    const result = this.session.write(this.connection, {
      kind,
      id,
      message,
      outcome: Outcome.success,
      payload,
      meta,
      peer
    })
    if (result === "full") this.full = true
    return result
  }

  onDrain(): void {
    this.full = false
    const waiting = this.waiting
    this.waiting = []
    for (const resume of waiting) resume()
  }
}
