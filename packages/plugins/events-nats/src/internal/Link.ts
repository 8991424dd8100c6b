/** The connection: opened, watched, closed. */
import { BusUnavailable } from "@mortise/core/events/EventError"
import { type MsgHdrs, headers as makeHeaders, type NatsConnection } from "@nats-io/nats-core"
import { connect } from "@nats-io/transport-node"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type NatsConfig, serversOf } from "../NatsConfig.ts"

export const BUS = "nats"
export const unavailable = (cause: unknown): BusUnavailable =>
  new BusUnavailable({ bus: BUS, reason: cause instanceof Error ? cause.message : String(cause) })

interface Kept {
  readonly subject: string
  readonly bytes: Uint8Array
  readonly headers: Uint8Array
}

/** Headers that are bytes already. The client asks each message's headers for their bytes and for nothing else. */
interface Carrier extends MsgHdrs {
  encode: () => Uint8Array
}

/** Knows whether the connection stands, and keeps what is published while it does not, within `bufferBytes`. */
export class Link {
  readonly connection: NatsConnection
  private readonly bufferBytes: number
  private down = false
  private kept: Array<Kept> = []
  private keptBytes = 0
  private headers: Uint8Array = new Uint8Array(0)
  private readonly options: { readonly headers: Carrier }

  constructor(connection: NatsConnection, bufferBytes: number) {
    this.connection = connection
    this.bufferBytes = bufferBytes
    const carrier = makeHeaders() as Carrier
    carrier.encode = () => this.headers
    this.options = { headers: carrier }
  }

  get isUp(): boolean {
    return !this.down && !this.connection.isClosed()
  }
  get maxPayload(): number {
    return this.connection.info?.max_payload ?? 1024 * 1024
  }

  /** Undefined when it was written or kept. */
  publish(subject: string, bytes: Uint8Array, headers: Uint8Array): BusUnavailable | undefined {
    if (this.connection.isClosed()) return unavailable("the connection is closed")
    if (this.down) {
      // the client itself forgets what is written while it reconnects
      if (this.keptBytes + bytes.length > this.bufferBytes || this.bufferBytes === 0) {
        return unavailable(
          this.bufferBytes === 0 ? "the connection is down" : "the connection is down and the buffer full"
        )
      }
      this.kept.push({ subject, bytes, headers })
      this.keptBytes += bytes.length
      return undefined
    }
    try {
      this.headers = headers
      this.connection.publish(subject, bytes, this.options)
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
    for (const { bytes, headers, subject } of kept) this.publish(subject, bytes, headers)
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
    const link = new Link(connection, config.bufferBytes)
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
