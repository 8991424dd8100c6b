/**
 * A typed client of a contract, for Node and browsers: it runs over any connector and either wire, and imports no node
 * module. Interrupting a request cancels it on the server.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Turn } from "../app/Turn.ts"
import type { Credentials } from "../auth/Credentials.ts"
import type * as Contract from "../transport/Contract.ts"
import { type Connector, TransportError } from "../transport/Transport.ts"
import type { Wire } from "../transport/Wire.ts"
import type { AuthError, ClientError, ConnectError, ConnectionClosed, Unauthenticated } from "./ClientError.ts"
import { ClientConnection } from "./internal/ClientConnection.ts"

export interface Options {
  /** How messages are coded: binary unless said otherwise. */
  readonly wire?: Wire
  /** How long the server may take to answer the hello, in milliseconds: 10 000. */
  readonly handshakeTimeoutMillis?: number
  /**
   * What the hello shows, made with `auth/Credentials`: a session's token, an API key, name and password. An effect is run
   * when the client connects. The server sees it as it is: use TLS where others could read along.
   */
  readonly credentials?: Credentials | Effect.Effect<Credentials>
}

/** The server asked this client to leave. */
export interface GoAway {
  readonly reason: string
  /** Come back after so many milliseconds. */
  readonly retryAfterMillis: number
}

type ErrorsOf<Sp> = Sp extends { readonly auth: unknown } ? ClientError | AuthError : ClientError
type ConnectErrorsOf<Sp> = Sp extends { readonly auth: unknown } ? ConnectError | Unauthenticated : ConnectError

/** A client and the connection that it speaks through. */
export interface Client<Sp extends Contract.Spec> extends Contract.Client<Sp, ErrorsOf<Sp>> {
  readonly connection: {
    /** The connection's name on the server. */
    readonly id: string
    /** Waits until the connection is closed. */
    readonly closed: Effect.Effect<ConnectionClosed>
    /** Waits until the server asks this client to leave. */
    readonly goAway: Effect.Effect<GoAway>
  }
}

/** Loaded when it is wanted: MessagePack is a fifth of what a page would load for a client, and pages mostly speak json. */
const binary: Effect.Effect<Wire> = Effect.promise(async () => (await import("../transport/BinaryWire.ts")).BinaryWire)

const DEFAULT_HANDSHAKE_MILLIS = 10_000

/** Connects and says hello, as a client of these messages. */
const open = (
  messages: ReadonlyArray<Contract.Message>,
  connector: Connector,
  options: Options
): Effect.Effect<ClientConnection, ConnectError | AuthError, Scope.Scope> =>
  Effect.gen(function* () {
    const turn = yield* Turn
    const shown = options.credentials
    const credentials = Effect.isEffect(shown) ? yield* shown : shown
    const wire = options.wire ?? (yield* binary)
    let made: ClientConnection | undefined
    yield* connector.connect((connection) => (made = new ClientConnection(connection, wire, messages, credentials)))
    const connection = made as unknown as ClientConnection
    const millis = options.handshakeTimeoutMillis ?? DEFAULT_HANDSHAKE_MILLIS
    const late = Effect.callback<never, TransportError>((resume) => {
      const cancel = turn.arm(millis, () => {
        const message = `The server did not answer the hello within ${millis} ms: is it a Mortise server?`
        resume(Effect.fail(new TransportError({ reason: "timeout", transport: connector.name, message })))
      })
      return Effect.sync(cancel)
    })
    yield* Effect.raceFirst(connection.hello, late)
    return connection
  })

/** Connects and says hello. The connection closes with the scope. */
export const make = <const Name extends string, const Sp extends Contract.Spec>(
  contract: Contract.Contract<Name, Sp>,
  connector: Connector,
  options: Options = {}
): Effect.Effect<Client<Sp>, ConnectErrorsOf<Sp>, Scope.Scope> =>
  Effect.map(
    // only contracts with auth tell `Unauthenticated` apart
    open(contract.messages, connector, options) as Effect.Effect<ClientConnection, ConnectErrorsOf<Sp>, Scope.Scope>,
    (connection) => build(contract as unknown as Contract.Any, connection) as unknown as Client<Sp>
  )

/** Clients of several contracts that share one connection, under the names of the record that was given. */
export type Clients<Contracts> = {
  readonly [K in keyof Contracts]: Contracts[K] extends { readonly spec: infer Sp extends Contract.Spec }
    ? Client<Sp>
    : never
}

/**
 * Connects once for several contracts: `makeAll({ chat: Chat, accounts: Accounts }, connector)`. What one of them does to
 * the connection, such as signing in, holds for all of them.
 */
export const makeAll = <
  const Contracts extends { readonly [name: string]: { readonly name: string; readonly spec: Contract.Spec } }
>(
  contracts: Contracts,
  connector: Connector,
  options: Options = {}
): Effect.Effect<Clients<Contracts>, ConnectErrorsOf<Contracts[keyof Contracts]["spec"]>, Scope.Scope> =>
  Effect.suspend(() => {
    const all = Object.entries(contracts) as unknown as ReadonlyArray<readonly [string, Contract.Any]>
    const messages = all.flatMap(([, contract]) => contract.messages)
    return Effect.map(
      open(messages, connector, options) as Effect.Effect<
        ClientConnection,
        ConnectErrorsOf<Contracts[keyof Contracts]["spec"]>,
        Scope.Scope
      >,
      (connection) =>
        Object.fromEntries(all.map(([name, contract]) => [name, build(contract, connection)])) as Clients<Contracts>
    )
  })

/** One function a message, so that a client is as quick to call as a plain object. */
const build = (contract: Contract.Any, connection: ClientConnection) => {
  const { listeners, requests, speaker } = connection
  const request: { [tag: string]: unknown } = {}
  const signal: { [tag: string]: unknown } = {}
  const events: { [tag: string]: unknown } = {}
  const relay: { [tag: string]: unknown } = {}
  const relayed: { [tag: string]: unknown } = {}
  for (const message of contract.messages) {
    const { definition, kind, name, tag } = message
    if (kind === "request") {
      request[tag] =
        definition.stream === true
          ? (payload: unknown) => requests.requestStream(message, payload)
          : (payload: unknown) => requests.request(message, payload)
    } else if (kind === "signal") signal[tag] = (payload: unknown) => speaker.signal(message, payload)
    else if (kind === "event") events[tag] = Stream.suspend(() => listeners.listen(name))
    else if (kind === "relay") {
      relay[tag] = (to: string, bytes: Uint8Array) => requests.relay(message, to, bytes)
      relayed[tag] = Stream.suspend(() => listeners.listen(name))
    }
  }
  return {
    request,
    signal,
    events,
    relay,
    relayed,
    connection: {
      get id() {
        return connection.serverId
      },
      closed: connection.closed,
      goAway: connection.goAway
    }
  }
}
