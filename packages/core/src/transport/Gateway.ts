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
import * as Listening from "../app/Listening.ts"
import { Turn } from "../app/Turn.ts"
import { Auth } from "../auth/Auth.ts"
import * as AuthEvents from "../auth/AuthEvents.ts"
import * as Correlation from "../events/Correlation.ts"
import { BinaryWire } from "./BinaryWire.ts"
import type { ConnectionState, StateChange } from "./ConnectionState.ts"
import type { Any, Implementation, Message } from "./Contract.ts"
import { type Asked, Door, refusalOf } from "./internal/Door.ts"
import { Deadlines } from "./internal/deadlines.ts"
import { GatewayConnection } from "./internal/GatewayConnection.ts"
import { seenBy } from "./internal/Guard.ts"
import type { ConnectionLimits, Owner } from "./internal/Owner.ts"
import { Publisher, RoomIndex } from "./internal/roomIndex.ts"
import { TurnCounter } from "./internal/TurnCounter.ts"
import { type Served, Table } from "./internal/table.ts"
import { JsonWire } from "./JsonWire.ts"
import { Observers } from "./Observers.ts"
import { Rooms } from "./Rooms.ts"
import type { Admission, Admit, Listener, PeerInfo, Refuse, TransportError } from "./Transport.ts"
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
  /**
   * The wires spoken, tried in order on each connection's first frame: json and binary. A function chooses them for each
   * listener by its name. A single wire without a hello needs no first frame: its connections are open at once.
   */
  readonly wires?: ReadonlyArray<Wire> | ((listener: string) => ReadonlyArray<Wire>)
  /** Asked before a connection is taken; a `Refuse` keeps it out. */
  readonly admit?: (peer: PeerInfo) => Effect.Effect<Refuse | undefined>
}

/** A contract cannot be served; the message says what to change. */
export class ServeError extends Schema.TaggedError<ServeError>()("ServeError", {
  contract: Schema.String,
  message: Schema.String
}) {
  readonly code = "GATEWAY_SERVE"
}

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
    /** Every step of every connection from now on. */
    readonly states: Stream.Stream<StateChange>
    /** Closes one connection. */
    readonly close: (connection: string, code: number, reason: string) => Effect.Effect<void>
    /** Takes no new connections and messages, tells clients to go away, waits for what runs, closes. */
    readonly drain: Effect.Effect<void>
  }
>()("@mortise/core/transport/Gateway") {}

const defaults: ConnectionLimits & { readonly maxConnections: number; readonly maxRoomsPerConnection: number } = {
  handshakeTimeoutMillis: 10_000,
  deadlineMillis: 30_000,
  maxDeadlineMillis: 300_000,
  maxBacklog: 128,
  maxInFlight: 1024,
  framesPerTurn: 256,
  maxConnections: 20_000,
  maxRoomsPerConnection: 1000
}
/** How long a streamed answer may go on once everything else has ended. */
const STREAM_GRACE_MILLIS = 500
/** How long clients are asked to stay away; they add jitter of their own. */
const RETRY_AFTER_MILLIS = 1000
const refusal = (status: number, reason: string): Admission => ({
  _tag: "Refuse",
  status,
  reason,
  retryAfterMillis: RETRY_AFTER_MILLIS
})

const make = Effect.fnUntraced(function* (options: Options) {
  const limits = { ...defaults, ...options }
  const turn = yield* Turn
  const observers = yield* Observers
  const context = yield* Effect.context<never>()
  const log = Effect.runForkWith(context)
  const table = new Table()
  const rooms = new RoomIndex(limits.maxRoomsPerConnection)
  const publisher = new Publisher(table)
  const served: Array<Served> = []
  const connections = new Map<string, GatewayConnection>()
  const watchers = new Set<(change: StateChange) => void>()
  const listening = new Set<Listener>()
  let draining = false
  let admitting = 0
  let door: Door | undefined
  const idle = new Set<() => void>()
  let references = 0

  const wires = options.wires ?? [JsonWire, BinaryWire]
  const owner: Omit<Owner, "maxFrameBytes" | "wires"> = {
    table,
    limits,
    deadlines: new Deadlines(turn),
    turn,
    turns: new TurnCounter(turn),
    served: () => served,
    observers,
    door: () => door,
    find: (id) => connections.get(id),
    opened: () => {},
    closed: (connection) => {
      rooms.leaveAll(connection)
      connections.delete(connection.connection.id)
      if (connections.size > 0) return
      for (const done of idle) done()
      idle.clear()
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

  const admit = (listener: Listener): Admit => {
    const own: Owner = {
      ...owner,
      maxFrameBytes: listener.capabilities.maxFrameBytes,
      wires: typeof wires === "function" ? wires(listener.name) : wires
    }
    const acceptAs = (asked: Asked | undefined): Admission => ({
      _tag: "Accept",
      open: (connection) => {
        const made = new GatewayConnection(own, connection)
        connections.set(connection.id, made)
        if (asked?._tag === "Known" && asked.known !== undefined) made.admittedAs(asked.known, asked.now)
        // admitted before, opened after the drain began
        if (draining) made.close(1001, "the server is shutting down")
        else made.begun()
        return made
      }
    })
    const accept = acceptAs(undefined)
    const decided = (asked: Asked): Admission => (asked._tag === "Refused" ? refusalOf(asked.fault) : acceptAs(asked))
    const asked = options.admit
    return (peer) => {
      if (draining) return Effect.succeed(refusal(503, "the server is shutting down"))
      if (connections.size + admitting >= limits.maxConnections)
        return Effect.succeed(refusal(503, "the server has as many connections as it takes"))
      const question = door?.admission(peer)
      if (asked === undefined && question === undefined) return Effect.succeed(accept)
      return Effect.suspend(() => {
        // counted while it is asked, or a flood would pass while nobody is open yet
        admitting++
        return Effect.ensuring(
          Effect.flatMap(asked === undefined ? Effect.succeed(undefined) : asked(peer), (refused) => {
            if (refused !== undefined) return Effect.succeed<Admission>(refused)
            return question === undefined ? Effect.succeed(accept) : Effect.map(question, decided)
          }),
          Effect.sync(() => void admitting--)
        )
      })
    }
  }

  const drain = Effect.suspend(() => {
    draining = true
    for (const connection of connections.values()) connection.drain("the server is shutting down", RETRY_AFTER_MILLIS)
    return finished.pipe(Effect.andThen(streamsEnd), Effect.andThen(closeAll))
  })
  // Handlers end at any time and in any order; a look once a tick costs less than telling of each.
  const finished: Effect.Effect<void> = Effect.suspend(() =>
    [...connections.values()].every((connection) => connection.isDone)
      ? Effect.void
      : Effect.andThen(wait(turn, 10), finished)
  )
  // A stream may never end by itself: it gets a moment for it, and is told otherwise.
  const streamsEnd = Effect.suspend(() => {
    const open = [...connections.values()].filter((connection) => !connection.isIdle)
    if (open.length === 0) return Effect.void
    return Effect.andThen(
      wait(turn, STREAM_GRACE_MILLIS),
      Effect.sync(() => {
        for (const connection of open) connection.endStreams()
      })
    )
  })
  const closeAll = Effect.callback<void>((resume) => {
    if (connections.size === 0) return resume(Effect.void)
    idle.add(() => resume(Effect.void))
    for (const connection of [...connections.values()]) connection.close(1001, "the server is shutting down")
  })

  const at = (id: string): Iterable<GatewayConnection> => {
    const one = connections.get(id)
    return one === undefined ? [] : [one]
  }
  const publish = (
    to: () => Iterable<GatewayConnection>,
    event: Message,
    payload: unknown,
    except: string | undefined
  ) => Effect.sync(() => publisher.publish(to(), event, payload, except))

  const gateway = Gateway.of({
    add: (implementation) =>
      Effect.suspend(() => {
        const problem = unsupported(implementation.contract)
        if (problem !== undefined)
          return Effect.fail(new ServeError({ contract: implementation.contract.name, message: problem }))
        if (implementation.auth !== undefined && door !== undefined && door.auth !== implementation.auth) {
          const message = `${implementation.contract.name} brings an Auth of its own: all contracts of a gateway have one`
          return Effect.fail(new ServeError({ contract: implementation.contract.name, message }))
        }
        try {
          table.add(implementation, limits.deadlineMillis)
        } catch (cause) {
          return Effect.fail(
            new ServeError({ contract: implementation.contract.name, message: (cause as Error).message })
          )
        }
        const { auth } = implementation
        if (auth !== undefined) door ??= new Door(auth, context)
        served.push(implementation)
        return Effect.void
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
  yield* AuthEvents.listen((event) => {
    if (event.type !== "revoked") return
    for (const one of connections.values()) if (event.ids.some((id) => one.restsOn(id))) one.forget()
  })

  const roomService = Rooms.of({
    join: (room, id) =>
      Effect.sync(() => {
        const connection = connections.get(id)
        return connection !== undefined && rooms.join(room, connection)
      }),
    leave: (room, id) =>
      Effect.sync(() => {
        const connection = connections.get(id)
        if (connection !== undefined) rooms.leave(room, connection)
      }),
    members: (room) => Effect.sync(() => rooms.members(room).map((member) => member.connection.id)),
    of: (id) => Effect.sync(() => [...(connections.get(id)?.rooms.keys() ?? [])]),
    publish: (room, event, ...[payload, options]) =>
      publish(() => rooms.members(room), event, payload, options?.except),
    publishAll: (event, ...[payload, options]) => publish(() => connections.values(), event, payload, options?.except),
    send: (id, event, ...[payload, options]) => publish(() => at(id), event, payload, options?.except)
  })
  return Context.add(Context.make(Gateway, gateway), Rooms, roomService)
})

const wait = (
  turn: { readonly arm: (millis: number, task: () => void) => () => void },
  millis: number
): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const cancel = turn.arm(millis, () => resume(Effect.void))
    return Effect.sync(cancel)
  })

/** The parts of a contract that this version declares and does not serve. */
const unsupported = (contract: Any): string | undefined => {
  const call = contract.messages.find((message) => message.kind === "call")
  if (call !== undefined) return `${call.name} is a call from server to client; the gateway does not serve calls yet`
  const fed = contract.messages.find((message) => message.definition.input !== undefined)
  return fed === undefined
    ? undefined
    : `${fed.name} is fed by a stream ("input"); the gateway does not serve those yet`
}

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
