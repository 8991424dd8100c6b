/** The connection: opened, watched, closed. */
import type { Outgoing } from "@mortise/core/events/Broker"
import { BusUnavailable, EventTooLarge } from "@mortise/core/events/EventError"
import type { NatsConnection } from "@nats-io/nats-core"
import type { NatsConnectionImpl, ProtocolHandler } from "@nats-io/nats-core/internal"
import { connect } from "@nats-io/transport-node"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type NatsConfig, serversOf } from "../NatsConfig.ts"
import { body, bodyText } from "./body.ts"
import { type Frame, Frames } from "./Frames.ts"
import { headersOf, headerText } from "./headers.ts"

export const BUS = "nats"
export const unavailable = (cause: unknown): BusUnavailable =>
  new BusUnavailable({ bus: BUS, reason: cause instanceof Error ? cause.message : String(cause) })

/** An empty subject, or one that would end the command in which it stands. */
const NO_SUBJECT = /^$|\s/

/** What of the client's own insides writes a command; its sibling packages use them, too. */
type Insides = Pick<ProtocolHandler, "sendCommand" | "outBytes" | "outMsgs">
export const insidesOf = (connection: NatsConnection): Insides | undefined => {
  const protocol: Partial<Insides> | undefined = (connection as Partial<NatsConnectionImpl>).protocol
  return typeof protocol?.sendCommand === "function" ? (protocol as Insides) : undefined
}

interface Kept extends Frame {
  readonly subject: string
  readonly event: Outgoing
}

/** Knows whether the connection stands, and keeps what is published while it does not, within `bufferBytes`. */
export class Link {
  readonly connection: NatsConnection
  private readonly bufferBytes: number
  private readonly insides: Insides | undefined
  private readonly frames = new Frames()
  /** The subject of the last event: most have the same as the one before. */
  private checked: string | undefined
  private down = false
  private kept: Array<Kept> = []
  private keptBytes = 0

  /** `insides` are those of the connection; without them messages go through its published functions, which cost more. */
  constructor(connection: NatsConnection, bufferBytes: number, insides: Insides | undefined) {
    this.connection = connection
    this.bufferBytes = bufferBytes
    this.insides = insides
  }

  get isUp(): boolean {
    return !this.down && !this.connection.isClosed()
  }
  get maxPayload(): number {
    return this.connection.info?.max_payload ?? 1024 * 1024
  }

  /** Undefined when it was written or kept. */
  publish(subject: string, event: Outgoing): BusUnavailable | EventTooLarge | undefined {
    if (this.connection.isClosed()) return unavailable("the connection is closed")
    if (this.connection.isDraining()) return unavailable("the connection is draining")
    if (subject !== this.checked) {
      if (NO_SUBJECT.test(subject)) return unavailable(`${JSON.stringify(subject)} is no subject`)
      this.checked = subject
    }
    const { bytes, payload } = this.frames.frame(subject, headerText(event), bodyText(event.payload))
    const { maxPayload } = this
    if (payload > maxPayload) return new EventTooLarge({ subject: event.subject, bytes: payload, maxBytes: maxPayload })
    if (this.down) return this.keep({ bytes, payload, subject, event })
    return this.write(bytes, payload, subject, event)
  }

  /** The client itself forgets what is written while it reconnects. */
  private keep(one: Kept): BusUnavailable | undefined {
    if (this.bufferBytes === 0) return unavailable("the connection is down")
    if (this.keptBytes + one.payload > this.bufferBytes)
      return unavailable("the connection is down and the buffer full")
    this.kept.push(one)
    this.keptBytes += one.payload
    return undefined
  }

  private write(bytes: Uint8Array, payload: number, subject: string, event: Outgoing): BusUnavailable | undefined {
    const { insides } = this
    try {
      if (insides === undefined) {
        this.connection.publish(subject, body(event.payload), { headers: headersOf(event) })
        return undefined
      }
      insides.outMsgs++
      insides.outBytes += payload
      insides.sendCommand(bytes)
      return undefined
    } catch (cause) {
      return unavailable(cause)
    }
  }

  /** Follows the state of the connection until it is closed. */
  async watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === "disconnect" || status.type === "staleConnection") this.down = true
      else if (status.type === "reconnect") this.back()
    }
    this.down = true
  }

  private back(): void {
    this.down = false
    const { kept } = this
    this.kept = []
    this.keptBytes = 0
    for (const { bytes, event, payload, subject } of kept) this.write(bytes, payload, subject, event)
  }
}

/** Connects until the scope closes; then what is written is sent first. */
export const open = (config: NatsConfig): Effect.Effect<Link, BusUnavailable, Scope.Scope> =>
  Effect.gen(function* () {
    const connection = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () =>
          connect({
            servers: serversOf(config),
            name: config.name,
            timeout: config.connectTimeoutMillis,
            reconnectTimeWait: config.reconnectWaitMillis,
            reconnectJitter: Math.min(100, config.reconnectWaitMillis),
            maxReconnectAttempts: -1,
            pingInterval: config.pingIntervalMillis,
            ...(config.user === undefined ? {} : { user: config.user }),
            ...(config.password === undefined ? {} : { pass: Redacted.value(config.password) }),
            ...(config.token === undefined ? {} : { token: Redacted.value(config.token) })
          }),
        catch: unavailable
      }),
      (connection) => Effect.ignore(Effect.tryPromise(() => closing(connection)))
    )
    const link = new Link(connection, config.bufferBytes, insidesOf(connection))
    yield* Effect.forkScoped(
      Effect.promise(() => link.watch()),
      { startImmediately: true }
    )
    return link
  })

/** How long the last words of a connection may take, in milliseconds. */
const LAST_WORDS = 2000

/** Sends what is written and closes; a connection that is down has nobody to send to. */
const closing = async (connection: NatsConnection): Promise<void> => {
  if (connection.isClosed()) return
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LAST_WORDS)
  })
  await Promise.race([connection.flush(), late]).catch(() => undefined)
  clearTimeout(timer)
  await connection.close()
}
