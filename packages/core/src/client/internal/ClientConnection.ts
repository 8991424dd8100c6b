import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { type Credentials, toEntries } from "../../auth/Credentials.ts"
import type { Message } from "../../transport/Contract.ts"
import type { Connection, ConnectionHandler, FrameKind } from "../../transport/Transport.ts"
import { Kind, Malformed, versions, type Wire } from "../../transport/Wire.ts"
import type { GoAway } from "../Client.ts"
import type { AuthError, ConnectionClosed, RequestFault } from "../ClientError.ts"
import { Listeners } from "./Listeners.ts"
import { MessageTable } from "./MessageTable.ts"
import { closedWith, helloRefused } from "./problems.ts"
import { ReadingValve } from "./ReadingValve.ts"
import { Requests } from "./Requests.ts"
import { Speaker } from "./Speaker.ts"

/** The server's answer to a hello, as both wires code it. */
interface Hello {
  readonly connection: string
  readonly messages: ReadonlyArray<readonly [number, string, string]>
}

/** The client's side of a connection: says hello, and hands each frame to the part that it is for. */
export class ClientConnection implements ConnectionHandler {
  serverId = ""
  readonly hello: Effect.Effect<void, ConnectionClosed | RequestFault | AuthError>
  readonly closed: Effect.Effect<ConnectionClosed>
  readonly goAway: Effect.Effect<GoAway>
  readonly speaker: Speaker
  readonly requests: Requests
  readonly listeners: Listeners
  private readonly connection: Connection
  private readonly table: MessageTable
  private readonly valve: ReadingValve
  private readonly opened = Deferred.makeUnsafe<void, ConnectionClosed | RequestFault | AuthError>()
  private readonly end = Deferred.makeUnsafe<ConnectionClosed>()
  private readonly leave = Deferred.makeUnsafe<GoAway>()

  constructor(
    connection: Connection,
    wire: Wire,
    messages: ReadonlyArray<Message>,
    credentials: Credentials | undefined
  ) {
    this.connection = connection
    this.table = new MessageTable(wire, messages)
    this.valve = new ReadingValve(connection)
    this.speaker = new Speaker(connection, wire, this.table)
    this.requests = new Requests(this.speaker, this.table, this.valve)
    this.listeners = new Listeners(this.table, this.valve)
    this.closed = Deferred.await(this.end)
    this.goAway = Deferred.await(this.leave)
    this.hello = Effect.suspend(() => {
      if (!wire.hello) return Effect.void
      const meta = credentials === undefined || credentials.size === 0 ? undefined : toEntries(credentials)
      this.speaker.send(Kind.hello, 0, 0, { min: versions.min, max: versions.max }, "", meta)
      return Deferred.await(this.opened)
    })
  }

  onFrame(bytes: Uint8Array, start: number, end: number, kind: FrameKind): void {
    const envelope = this.speaker.session.decode(bytes, start, end, kind)
    if (envelope instanceof Malformed) return this.connection.close(1002, envelope.fault.message.slice(0, 100))
    switch (envelope.kind) {
      case Kind.response:
        return this.requests.answered(envelope)
      case Kind.item:
        return this.requests.item(envelope)
      case Kind.end:
        return this.requests.ended(envelope)
      case Kind.event:
      case Kind.relay:
        return this.listeners.heard(envelope)
      case Kind.hello:
        return this.greeted(envelope.payload as Hello)
      case Kind.control:
        return this.control(envelope.payload)
      default:
        return
    }
  }

  private greeted(hello: Hello): void {
    this.serverId = hello.connection
    this.table.know(hello.messages)
    Deferred.doneUnsafe(this.opened, Effect.void)
  }

  private control(payload: unknown): void {
    if (typeof payload !== "object" || payload === null || !("type" in payload)) return
    if (payload.type === "ping") {
      const token = "token" in payload ? { token: payload.token } : {}
      this.speaker.send(Kind.control, 0, 0, { type: "pong", ...token })
    } else if (payload.type === "goaway") {
      const about = payload as Partial<GoAway>
      Deferred.doneUnsafe(
        this.leave,
        Effect.succeed({ reason: String(about.reason ?? ""), retryAfterMillis: Number(about.retryAfterMillis ?? 0) })
      )
    } else if (payload.type === "fault" && "fault" in payload) {
      // before the hello is answered, a fault is the answer; later ones belong to nothing that waits
      Deferred.doneUnsafe(this.opened, Effect.fail(helloRefused(this.table.all, payload.fault)))
    }
  }

  onDrain(): void {
    this.speaker.onDrain()
  }

  onClose(code: number, reason: string): void {
    const closed = closedWith(code, reason)
    this.speaker.closing = closed
    this.valve.close()
    Deferred.doneUnsafe(this.opened, Effect.fail(closed))
    Deferred.doneUnsafe(this.end, Effect.succeed(closed))
    this.speaker.onDrain()
    this.requests.close(closed)
    this.listeners.close(closed)
  }
}
