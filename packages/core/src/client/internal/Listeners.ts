import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Envelope, InvalidPayload } from "../../transport/Wire.ts"
import type { ClientError, ConnectionClosed } from "../ClientError.ts"
import { Inbox, type Valve } from "./inbox.ts"
import type { MessageTable } from "./MessageTable.ts"
import { behind, mismatch } from "./problems.ts"

type Listening = Inbox<unknown, ClientError>

/** Who listens for events and relays, by name. */
export class Listeners {
  private readonly table: MessageTable
  private readonly valve: Valve
  private readonly byName = new Map<string, Set<Listening>>()
  private closed: ConnectionClosed | undefined

  constructor(table: MessageTable, valve: Valve) {
    this.table = table
    this.valve = valve
  }

  /** What comes under a name, from now on. */
  listen(name: string): Stream.Stream<unknown, ClientError> {
    return Stream.unwrap(
      Effect.acquireRelease(
        Effect.sync(() => {
          const inbox: Listening = new Inbox(this.valve, () => behind(name))
          if (this.closed !== undefined) inbox.fail(this.closed)
          let listening = this.byName.get(name)
          if (listening === undefined) this.byName.set(name, (listening = new Set()))
          listening.add(inbox)
          return inbox
        }),
        (inbox) =>
          Effect.sync(() => {
            this.byName.get(name)?.delete(inbox)
            inbox.dispose()
          })
      ).pipe(Effect.map((inbox) => inbox.stream()))
    )
  }

  heard(envelope: Envelope): void {
    const message = this.table.find(envelope.message)
    const listening = message === undefined ? undefined : this.byName.get(message.name)
    if (message === undefined || listening === undefined || listening.size === 0) return
    if (message.kind === "relay") {
      for (const inbox of listening) inbox.push({ from: envelope.peer, bytes: envelope.payload })
      return
    }
    const value = this.table.coder(message, "payload").read(envelope.payload)
    for (const inbox of listening) {
      if (value instanceof InvalidPayload) inbox.fail(mismatch(message.name, value))
      else inbox.push(value)
    }
  }

  close(closed: ConnectionClosed): void {
    this.closed = closed
    for (const listening of this.byName.values()) for (const inbox of listening) inbox.fail(closed)
  }
}
