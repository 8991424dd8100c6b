/**
 * Serves contracts on transports: reads frames, keeps the order of arrival, runs handlers, writes answers.
 *
 * A connection's requests, signals and relays run one after another in the order in which they arrive, unless a message
 * declares `concurrency`; at the bounds the gateway stops reading. Handlers end with their connection, unless they are
 * `detached`. Every request has a deadline. What goes wrong inside a handler reaches the client as a reference only.
 */
// Decoders are compiled to code where that is allowed, and interpreted elsewhere: five times less for a small record.
import "effect/schema/SchemaJITCompiler/enable"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Drain from "../app/Drain.ts"
import * as Errors from "../app/Errors.ts"
import * as Listening from "../app/Listening.ts"
import * as LoopDelay from "../app/LoopDelay.ts"
import { Turn } from "../app/Turn.ts"
import { Auth } from "../auth/Auth.ts"
import * as AuthEvents from "../auth/AuthEvents.ts"
import * as Correlation from "../events/Correlation.ts"
import { BinaryWire } from "./BinaryWire.ts"
import type { ConnectionState, StateChange } from "./ConnectionState.ts"
import type { Implementation, Message } from "./Contract.ts"
import { Admissions } from "./internal/Admissions.ts"
import { Connections } from "./internal/Connections.ts"
import { Contracts } from "./internal/Contracts.ts"
import { CountedConnection } from "./internal/CountedConnection.ts"
import { Deadlines } from "./internal/deadlines.ts"
import { drainAll, idle, SHUTTING_DOWN } from "./internal/drain.ts"
import { GatewayConnection } from "./internal/GatewayConnection.ts"
import { seenBy } from "./internal/Guard.ts"
import type { ConnectionLimits, Owner } from "./internal/Owner.ts"
import { Publisher, RoomIndex } from "./internal/roomIndex.ts"
import { roomService } from "./internal/roomService.ts"
import { type Slow, SlowWork } from "./internal/SlowWork.ts"
import { TurnCounter } from "./internal/TurnCounter.ts"
import type { Served } from "./internal/table.ts"
import { FrameTrace } from "./internal/trace/FrameTrace.ts"
import { JsonWire } from "./JsonWire.ts"
import { Observers } from "./Observers.ts"
import { Rooms } from "./Rooms.ts"
import type { Admit, Listener, PeerInfo, Refuse, TransportError } from "./Transport.ts"
import { Transports } from "./Transports.ts"
import type { Wire } from "./Wire.ts"

/** What the gateway allows a connection. Everything has a default. */
export interface Options {
  /** How long a client may take to say hello, in milliseconds: 10 000. */
  readonly handshakeTimeoutMillis?: number
  /** How long a handler may take where neither its message nor the client says so, in milliseconds: 30 000. */
  readonly deadlineMillis?: number
  /** The longest deadline that a client may ask for, in milliseconds: 300 000. */
  readonly maxDeadlineMillis?: number
  /** Messages of a connection that wait for their turn before the gateway stops reading from it: 128. */
  readonly maxBacklog?: number
  /** Messages of a connection that run at the same time: 1 024. */
  readonly maxInFlight?: number
  /** Frames of a connection handled before the others get their turn: 256. */
  readonly framesPerTurn?: number
  /** Connections at a time; further ones are refused with 503: 20 000. */
  readonly maxConnections?: number
  readonly maxRoomsPerConnection?: number
  /** From how many milliseconds on a handler is worth a line in the log, of category `performance`; 0 is never: 1 000. */
  readonly slowHandlerMillis?: number
  /**
   * The wires spoken, tried in order on each connection's first frame: json and binary. A function chooses them for each
   * listener by its name. A single wire without a hello needs no first frame: its connections are open at once.
   */
  readonly wires?: ReadonlyArray<Wire> | ((listener: string) => ReadonlyArray<Wire>)
  /** Asked before a connection is taken; a `Refuse` keeps it out. */
  readonly admit?: (peer: PeerInfo) => Effect.Effect<Refuse | undefined>
  /**
   * Whether frames are shown in the log while its category `request` is at level `Trace`: true. False for a gateway over
   * which lines of the log are sent: each would be a frame, and so a line, without end.
   */
  readonly trace?: boolean
}

/** A contract cannot be served; the message says what to change. */
export class ServeError extends Errors.make<ServeError>()(
  "ServeError",
  { component: "transport", code: "GATEWAY_SERVE", status: 500 },
  {
    contract: Schema.String,
    message: Schema.String
  }
) {}

export interface ServeOptions {
  /** Names of the listeners to serve on; all of them otherwise. */
  readonly on?: ReadonlyArray<string>
}

/** One connection, as the gateway sees it. */
export interface ConnectionInfo {
  readonly id: string
  readonly peer: PeerInfo
  readonly state: ConnectionState
  /** `json` or `binary`; undefined until the first frame. */
  readonly wire: string | undefined
  /** Id of the principal; undefined for nobody. */
  readonly principal: string | undefined
}

/** One message that is served. */
export interface ServedMessage {
  readonly message: Message
  /** Names of the listeners it is served on; all where undefined. */
  readonly on: ReadonlySet<string> | undefined
}

export class Gateway extends Context.Service<
  Gateway,
  {
    /** Adds a contract to what connections may say. Connections that stand already do not get to know of it. */
    readonly add: (implementation: Served) => Effect.Effect<void, ServeError>
    /** Listens until the scope closes; a listener that listens already is left alone. Gives the addresses. */
    readonly listen: (
      listeners: ReadonlyArray<Listener>
    ) => Effect.Effect<ReadonlyArray<string>, TransportError, Scope.Scope>
    readonly connections: Effect.Effect<ReadonlyArray<ConnectionInfo>>
    /** Every message that is served, on whatever listener, in the order in which the contracts were added. */
    readonly messages: Effect.Effect<ReadonlyArray<ServedMessage>>
    /** Waits until nothing of a connection runs or waits; at once where there is no such connection. */
    readonly idle: (connection: string) => Effect.Effect<void>
    /** Every step of every connection from now on. */
    readonly states: Stream.Stream<StateChange>
    /** Closes one connection. */
    readonly close: (connection: string, code: number, reason: string) => Effect.Effect<void>
    /** Takes no new connections and messages, tells clients to go away, waits for what runs, closes. */
    readonly drain: Effect.Effect<void>
  }
>()("@mortise/core/transport/Gateway") {}

const defaults = {
  handshakeTimeoutMillis: 10_000,
  deadlineMillis: 30_000,
  maxDeadlineMillis: 300_000,
  maxBacklog: 128,
  maxInFlight: 1024,
  framesPerTurn: 256,
  maxConnections: 20_000,
  maxRoomsPerConnection: 1000,
  slowHandlerMillis: 1000
} satisfies ConnectionLimits & Options

const slowLine = ({ message, millis, more }: Slow) =>
  Effect.annotateLogs(Effect.logWarning(`${message} took ${Math.round(millis)} ms`), {
    category: "performance",
    message,
    durationMillis: Math.round(millis),
    ...(more > 0 ? { more } : {})
  })

const make = Effect.fnUntraced(function* (options: Options) {
  const limits = { ...defaults, ...options }
  const { slowHandlerMillis } = limits
  const turn = yield* Turn
  const observers = yield* Observers
  const context = yield* Effect.context<never>()
  const log = Effect.runForkWith(context)
  const frames = options.trace === false ? undefined : FrameTrace.of(context)
  const contracts = new Contracts(context, limits.deadlineMillis)
  const connections = new Connections()
  const rooms = new RoomIndex(limits.maxRoomsPerConnection)
  const publisher = new Publisher(contracts.table)
  const door = () => contracts.door
  const admissions = new Admissions(connections, { maxConnections: limits.maxConnections, admit: options.admit, door })
  const slow = new SlowWork(
    turn.now,
    slowHandlerMillis || Number.POSITIVE_INFINITY,
    (found) => void log(slowLine(found))
  )
  const watchers = new Set<(change: StateChange) => void>()
  const listening = new Set<Listener>()
  let references = 0

  const owner: Omit<Owner, "maxFrameBytes" | "wires"> = {
    table: contracts.table,
    limits,
    deadlines: new Deadlines(turn),
    turn,
    turns: new TurnCounter(turn, slow),
    slow,
    served: () => contracts.served,
    observers,
    door,
    find: (id) => connections.get(id),
    closed: (connection) => {
      rooms.leaveAll(connection)
      connections.remove(connection)
    },
    state: (change) => {
      for (const watcher of watchers) watcher(change)
    },
    reference: () => `${turn.now().toString(36).replace(".", "")}-${(++references).toString(36)}`,
    defect: (what, cause, reference = owner.reference()) => {
      log(Effect.annotateLogs(Effect.logError(`${what} failed (reference ${reference})`, cause), { reference }))
      return reference
    }
  }

  const wires = options.wires ?? [JsonWire, BinaryWire]
  const admit = (listener: Listener): Admit => {
    const own: Owner = {
      ...owner,
      maxFrameBytes: listener.capabilities.maxFrameBytes,
      wires: typeof wires === "function" ? wires(listener.name) : wires
    }
    return admissions.by((connection, known, now) => {
      const { traffic } = observers
      const counted = traffic && new CountedConnection(connection, traffic.transport(listener.name))
      const traced = frames?.follow(counted ?? connection, own)
      const made = new GatewayConnection(own, traced ?? counted ?? connection)
      const heard = traced?.handler(made) ?? made
      connections.add(made)
      if (known !== undefined) made.admittedAs(known, now)
      // admitted before, opened after the drain began
      if (admissions.draining) made.close(1001, SHUTTING_DOWN)
      else made.begun()
      return counted?.handler(heard) ?? heard
    })
  }

  const drain = Effect.suspend(() => {
    admissions.draining = true
    return drainAll(connections, turn)
  })

  const gateway = Gateway.of({
    add: (implementation) =>
      Effect.suspend(() => {
        const problem = contracts.add(implementation)
        if (problem === undefined) return Effect.void
        return Effect.fail(new ServeError({ contract: implementation.contract.name, message: problem }))
      }),
    listen: (listeners) =>
      Effect.map(
        Effect.forEach(
          listeners.filter((listener) => !listening.has(listener)),
          Effect.fnUntraced(function* (listener) {
            listening.add(listener)
            yield* Effect.addFinalizer(() => Effect.sync(() => listening.delete(listener)))
            // a listener that could not listen may be tried again
            const addresses = yield* Effect.onError(listener.listen(admit(listener)), () =>
              Effect.sync(() => listening.delete(listener))
            )
            for (const address of addresses) yield* Listening.add({ name: listener.name, address })
            return addresses
          })
        ),
        (addresses) => addresses.flat()
      ),
    connections: Effect.sync(() =>
      Array.from(connections.values(), ({ connection, principal, state, wire }) => ({
        id: connection.id,
        peer: connection.peer,
        state,
        wire: wire?.name,
        principal
      }))
    ),
    messages: Effect.sync(() =>
      contracts.served.flatMap(({ contract, on }) => contract.messages.map((message) => ({ message, on })))
    ),
    idle: (id) => idle(connections, id, turn),
    states: Stream.callback<StateChange>((queue) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          const watcher = (change: StateChange) => void Queue.offerUnsafe(queue, change)
          watchers.add(watcher)
          return watcher
        }),
        (watcher) => Effect.sync(() => watchers.delete(watcher))
      )
    ),
    close: (id, code, reason) => Effect.sync(() => connections.get(id)?.close(code, reason)),
    drain
  })

  yield* Drain.add("gateway", drain)
  yield* LoopDelay.addWitness((millis) => slow.suspects(millis, () => connections.underWay()))
  yield* AuthEvents.listen((event) => {
    if (event.type !== "revoked") return
    for (const one of connections.values()) if (event.ids.some((id) => one.restsOn(id))) one.forget()
  })

  return Context.add(Context.make(Gateway, gateway), Rooms, roomService(connections, rooms, publisher))
})

/** Gateway and rooms. It listens to nothing until `serve`. */
export const layer = (options: Options = {}): Layer.Layer<Gateway | Rooms> => Layer.effectContext(make(options))

/** An implementation together with the services that its handlers need, taken from where this runs. */
export const bind = <R>(
  implementation: Implementation<R>,
  options: ServeOptions = {}
): Effect.Effect<Served, never, R> =>
  Effect.contextWith((given: Context.Context<R>) => {
    // flat, so that adding to it for each message copies nothing
    const context = Context.makeUnsafe<R>(given.mapUnsafe)
    return Effect.succeed<Served>({
      ...(implementation as Implementation<never>),
      auth:
        implementation.contract.spec.auth === undefined
          ? undefined
          : Context.get(context as Context.Context<Auth>, Auth),
      see: seenBy(implementation.contract),
      on: options.on === undefined ? undefined : new Set(options.on),
      // `implement` has shown that the context has what the handlers need
      run: Effect.runForkWith(context) as Served["run"],
      runWithin: ((chain, effect) =>
        Effect.runForkWith(Context.add(context, Correlation.Current, chain))(effect)) as Served["runWithin"]
    })
  })

/**
 * Serves contracts on the app's transports until the scope closes, and gives the addresses. Handlers get their services
 * from where this runs.
 */
export const serve = <R>(
  implementation: Implementation<R> | ReadonlyArray<Implementation<R>>,
  options: ServeOptions = {}
): Effect.Effect<ReadonlyArray<string>, TransportError | ServeError, R | Gateway | Transports | Scope.Scope> =>
  Effect.gen(function* () {
    const gateway = yield* Gateway
    const transports = yield* Transports
    const list: ReadonlyArray<Implementation<R>> = Array.isArray(implementation)
      ? implementation
      : [implementation as Implementation<R>]
    for (const one of list) yield* gateway.add(yield* bind(one, options))
    const names = options.on
    const listeners =
      names === undefined ? yield* transports.list : yield* Effect.forEach(names, (name) => transports.get(name))
    return yield* gateway.listen(listeners)
  })
