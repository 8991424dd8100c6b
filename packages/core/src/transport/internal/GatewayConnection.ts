import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as Stream from "effect/Stream"
import type { TurnShape } from "../../app/Turn.ts"
import type { Authenticated } from "../../auth/Auth.ts"
import type { Session } from "../../auth/Session.ts"
import type * as ConnectionState from "../ConnectionState.ts"
import type * as Observers from "../Observers.ts"
import type { CloseCode, Connection, ConnectionHandler, FrameKind, SendResult } from "../Transport.ts"
import {
  type Envelope,
  type Fault,
  type FaultCode,
  InvalidPayload,
  Kind,
  Malformed,
  Outcome,
  type Wire,
  type WireSession
} from "../Wire.ts"
import { Answers, type AnswersOwner, quoted, wrong } from "./answers.ts"
import { isDeeperThan } from "./codec.ts"
import { authenticatedBy, type Door } from "./Door.ts"
import type { Deadlines } from "./deadlines.ts"
import { MAX_DEPTH } from "./depth.ts"
import * as Handshake from "./handshake.ts"
import { Identity } from "./Identity.ts"
import { type LaneLimits, Lanes, type Work } from "./Lanes.ts"
import { readMeta } from "./meta.ts"
import { Outlet } from "./Outlet.ts"
import type { TurnCounter } from "./TurnCounter.ts"
import { badPayload, isServedOn, Route, type Served, type Table } from "./table.ts"

/** See `Gateway.Options`. */
export interface ConnectionLimits extends LaneLimits {
  readonly handshakeTimeoutMillis: number
  readonly deadlineMillis: number
  readonly maxDeadlineMillis: number
  readonly framesPerTurn: number
}

/** What a connection needs of the gateway that it belongs to. */
export interface Owner extends AnswersOwner {
  readonly table: Table
  readonly wires: ReadonlyArray<Wire>
  readonly limits: ConnectionLimits
  readonly deadlines: Deadlines
  readonly turn: TurnShape
  readonly turns: TurnCounter
  readonly served: () => ReadonlyArray<Served>
  /** Asked about credentials; undefined where no contract asks who callers are. */
  readonly door: () => Door | undefined
  readonly observers: Observers.Registry
  readonly opened: (connection: GatewayConnection) => void
  readonly closed: (connection: GatewayConnection) => void
  readonly state: (change: ConnectionState.StateChange) => void
}

/**
 * One connection's side of the gateway: shakes hands, decodes frames, finds what they are for, and hands them to the
 * connection's lanes, which keep their order.
 */
export class GatewayConnection implements ConnectionHandler, Work {
  readonly connection: Connection
  readonly listener: string
  /** rooms this connection is in, with its place in each; kept by Rooms */
  readonly rooms = new Map<string, number>()
  state: ConnectionState.ConnectionState = "connecting"
  private readonly owner: Owner
  private readonly outlet: Outlet
  private readonly answers: Answers
  private readonly lanes: Lanes
  private readonly callers = new Map<Served, unknown>()
  private frames = 0
  private seenTurn = -1
  private turnScheduled = false
  /** a message was handled, which names allow before the hello: what it began must hear of the end */
  private used = false
  private readonly handshake: { readonly expire: () => void }
  private readonly handshakeTick: number
  private readonly identity: Identity
  /** credentials of the hello are being looked at */
  private asking: (() => void) | undefined

  constructor(owner: Owner, connection: Connection) {
    this.owner = owner
    this.connection = connection
    this.listener = connection.peer.transport
    this.outlet = new Outlet(connection)
    this.answers = new Answers(this.outlet, owner)
    this.lanes = new Lanes(this, owner.limits, owner.deadlines)
    this.handshake = { expire: () => this.close(1002, "no hello in time") }
    this.handshakeTick = owner.deadlines.add(owner.limits.handshakeTimeoutMillis, this.handshake)
    this.identity = new Identity(owner.turn, () => this.forget())
  }

  /** The wire that the first frame has chosen. */
  get wire(): Wire | undefined {
    return this.outlet.wire
  }

  // --- frames ------------------------------------------------------------------------------------------------------

  onFrame(bytes: Uint8Array, start: number, end: number, kind: FrameKind): void {
    const turn = this.owner.turns.current()
    if (turn !== this.seenTurn) {
      this.seenTurn = turn
      this.frames = 0
    }
    if (++this.frames >= this.owner.limits.framesPerTurn) this.yieldTurn()
    const session = this.outlet.session ?? this.choose(bytes, start, end, kind)
    if (session === undefined) return
    const envelope = session.decode(bytes, start, end, kind)
    if (envelope instanceof Malformed)
      return this.refuse(envelope.id, envelope.fault.code, envelope.fault.message, true)
    switch (envelope.kind) {
      case Kind.request:
      case Kind.signal:
      case Kind.relay:
        return this.accept(envelope)
      case Kind.cancel:
        return this.lanes.cancel(envelope.id)
      case Kind.hello:
        return this.hello(envelope)
      case Kind.control:
        return this.control(envelope)
      default:
        return this.outlet.fault(envelope.id, {
          code: "UNSUPPORTED_KIND",
          message: "A client may send hello, request, signal, relay, cancel and control"
        })
    }
  }

  private choose(bytes: Uint8Array, start: number, end: number, kind: FrameKind): WireSession | undefined {
    for (const wire of this.owner.wires) if (wire.accepts(bytes, start, end, kind)) return this.speak(wire)
    const names = this.owner.wires.map((wire) => wire.name).join(", ")
    this.close(1002, `the first frame is of none of the wires ${names}`)
    return undefined
  }

  private speak(wire: Wire): WireSession {
    const session = wire.make("server")
    this.outlet.wire = wire
    this.outlet.session = session
    this.lanes.ordered = wire.correlation === "order"
    if (!wire.hello) this.open()
    return session
  }

  /** The connection stands: where there is one wire only, and it has no hello, the client may be one that only listens. */
  begun(): void {
    const [wire, other] = this.owner.wires
    if (wire?.hello === false && other === undefined) this.speak(wire)
  }

  private hello(envelope: Envelope): void {
    if (this.state !== "connecting") {
      return this.outlet.fault(0, { code: "UNSUPPORTED_KIND", message: "The hello has been said already" })
    }
    const answer = Handshake.answer(envelope, {
      connection: this.connection.id,
      maxFrameBytes: this.owner.maxFrameBytes,
      messages: this.owner.table.list(this.listener)
    })
    if (answer._tag === "Refused") {
      this.outlet.fault(0, answer.fault)
      if (answer.fault.code === "UNSUPPORTED_VERSION") this.close(1002, answer.fault.message)
      return
    }
    const door = this.owner.door()
    const shown = door?.shown(envelope.meta)
    if (door === undefined || shown === undefined) return this.greet(answer.payload)
    // what follows waits for the answer, as it does for a handler
    this.hold()
    this.asking = door.ask(shown, this.connection.peer, (asked) => {
      this.asking = undefined
      if (this.state === "closed") return
      if (asked._tag === "Refused") {
        this.outlet.fault(0, asked.fault)
        return this.close(1008, asked.fault.message)
      }
      if (asked.known !== undefined) this.identity.set(asked.known, asked.now)
      this.greet(answer.payload)
      this.release()
    })
  }

  private greet(hello: object): void {
    if (this.outlet.write(Kind.hello, 0, 0, Outcome.success, hello) === "refused") {
      const much = `The hello, which lists every message, is larger than a frame may be (${this.owner.maxFrameBytes} bytes): allow more, or serve less`
      this.owner.defect("hello", Cause.die(new RangeError(much)))
      return this.close(1011, "the hello is larger than a frame may be")
    }
    this.open()
  }

  private open(): void {
    this.owner.deadlines.remove(this.handshakeTick, this.handshake)
    this.step("connecting", "open")
    this.owner.opened(this)
    for (const opened of this.owner.observers.opened) opened(this.observed)
    for (const served of this.owner.served()) {
      const { opened } = served.hooks
      if (opened === undefined || !isServedOn(served, this.listener)) continue
      this.background(served, `${served.contract.name}: opened`, () => opened(this.caller(served) as never))
    }
    if (this.identity.current !== undefined) this.stepIn()
  }

  // --- who it is -----------------------------------------------------------------------------------------------------

  /** Takes what the transport's own headers have shown, before anything is said. */
  admittedAs(known: Authenticated, now: number): void {
    this.identity.set(known, now)
  }
  /** Id of the principal. */
  get principal(): string | undefined {
    return this.identity.current?.principal.id
  }
  /** Whether it is known by the session or the API token of this id. */
  restsOn(id: string): boolean {
    const { current } = this.identity
    return current !== undefined && (current.session === id || current.token === id)
  }

  private become(known: Authenticated, now: number): void {
    if (this.state === "closed") return
    this.forget()
    this.identity.set(known, now)
    this.callers.clear()
    // before the hello there is no such step: it follows with the opening
    if (this.state === "open") this.stepIn()
  }

  /** Makes the connection nobody's. */
  forget(): void {
    const { identity } = this
    if (this.state === "authenticated") {
      this.eachFitting("signedOut")
      this.step("authenticated", "open")
    }
    identity.clear()
    this.callers.clear()
  }

  private stepIn(): void {
    this.step("open", "authenticated")
    this.eachFitting("authenticated")
  }

  private eachFitting(hook: "authenticated" | "signedOut"): void {
    for (const served of this.owner.served()) {
      const run = served.hooks[hook]
      if (run === undefined || !isServedOn(served, this.listener) || !this.identity.fits(served)) continue
      const caller = this.caller(served)
      this.background(served, `${served.contract.name}: ${hook}`, () => run(caller as never))
    }
  }

  /** Whether an event or a relay of a guarded message is for this connection. */
  mayHear(route: Route): boolean {
    return this.identity.refuses(route) === undefined
  }

  private control(envelope: Envelope): void {
    const payload = envelope.payload
    if (typeof payload !== "object" || payload === null || !("type" in payload)) return
    if (payload.type === "ping") {
      const token = "token" in payload ? { token: payload.token } : {}
      if (isDeeperThan(token, MAX_DEPTH))
        return this.outlet.fault(0, {
          code: "MALFORMED_FRAME",
          message: `The token nests deeper than ${MAX_DEPTH} levels`
        })
      this.outlet.write(Kind.control, 0, 0, Outcome.success, { type: "pong", ...token })
    }
  }

  /** Lets other connections have their turn; the transport holds back the rest of the chunk. */
  private yieldTurn(): void {
    if (this.turnScheduled) return
    this.turnScheduled = true
    this.hold()
    this.owner.turn.schedule(() => {
      this.turnScheduled = false
      this.frames = 0
      this.release()
    })
  }

  hold(): void {
    this.outlet.hold()
  }
  release(): void {
    this.outlet.release()
  }

  // --- messages ----------------------------------------------------------------------------------------------------

  /** Says why a frame is not handled; where answers are told apart by their order, when its turn has come. */
  private refuse(id: number, code: FaultCode, message: string, isRequest: boolean): void {
    const fault: Fault = { code, message }
    if (!this.lanes.ordered || !isRequest) return this.outlet.fault(id, fault)
    this.lanes.accept(refusal, { ...nothing, id, payload: fault }, Number.POSITIVE_INFINITY)
  }

  private accept(envelope: Envelope): void {
    const { id, kind, message } = envelope
    const isRequest = kind === Kind.request
    const route = this.owner.table.find(message)
    if (
      route === undefined ||
      !isServedOn(route.implementation, this.listener) ||
      kindOf[route.message.kind] !== kind
    ) {
      const missing = `There is no ${nameOf(kind)} ${quoted(message)} here; the hello lists what there is`
      return this.refuse(id, "UNKNOWN_MESSAGE", missing, isRequest)
    }
    if (id === 0 && isRequest && this.wire?.correlation === "id") {
      const lost = `The request ${route.message.name} has no id: its answer could not be told from others`
      return this.outlet.fault(0, { code: "MALFORMED_FRAME", message: lost })
    }
    if (this.state === "connecting" && this.wire?.numbered === true) {
      const early = "Say hello first: the numbers of messages are not known before"
      return this.refuse(id, "UNKNOWN_MESSAGE", early, isRequest)
    }
    if (this.state === "draining") {
      return this.refuse(id, "UNAVAILABLE", "The server is shutting down: connect again later", isRequest)
    }
    if (id !== 0 && this.lanes.has(id)) {
      return this.outlet.fault(0, { code: "DUPLICATE_ID", message: `The id ${id} is in use until it is answered` })
    }
    let deadline = route.deadlineMillis
    if (envelope.meta !== undefined) {
      const read = readMeta(envelope.meta, this.owner.limits.maxDeadlineMillis)
      if (typeof read === "string") return this.refuse(id, "UNSUPPORTED_META", read, isRequest)
      deadline = read ?? deadline
    }
    this.used = true
    if (this.owner.observers.message.size > 0) this.tellOf(route)
    this.lanes.accept(route, envelope, deadline)
  }

  private get observed(): Observers.Observed {
    return { connection: this.connection.id, peer: this.connection.peer }
  }
  private tellOf({ message }: Route): void {
    const seen = { ...this.observed, message: message.name, kind: message.kind as Observers.MessageSeen["kind"] }
    for (const observer of this.owner.observers.message) observer(seen)
  }

  keep(envelope: Envelope): Envelope {
    return this.outlet.session?.keep?.(envelope) ?? envelope
  }

  begin(route: Route, envelope: Envelope): Effect.Effect<unknown, unknown> | undefined {
    const { id, kind, payload, peer } = envelope
    if (route === refusal) return void this.outlet.fault(id, payload as Fault, true)
    if (route.guard !== undefined) {
      const refused = this.identity.refuses(route)
      if (refused !== undefined) return void this.answers.fault(route, id, refused)
    }
    let input: unknown
    if (kind === Kind.relay) input = { to: peer, size: (payload as Uint8Array).length }
    else {
      input = route.payload(this.wire as Wire).read(payload)
      if (input instanceof InvalidPayload) {
        if (input.defect !== undefined) return Exit.die(input.defect)
        return void this.answers.fault(route, id, badPayload(route.message, input))
      }
    }
    try {
      const given = route.handler(input, this.caller(route.implementation))
      return route.streams
        ? this.answers.pump(route, id, given as Stream.Stream<unknown, unknown>)
        : (given as Effect.Effect<unknown, unknown>)
    } catch (thrown) {
      return Exit.die(thrown)
    }
  }

  run({ implementation }: Route, effect: Effect.Effect<unknown, unknown>): Fiber.Fiber<unknown, unknown> {
    const { chain } = this.owner.observers
    return chain === undefined ? implementation.run(effect) : implementation.runWithin(chain(), effect)
  }

  settle(route: Route, envelope: Envelope, exit: Exit.Exit<unknown, unknown>, reason: FaultCode | undefined): void {
    this.answers.settle(route, envelope, exit, reason)
  }

  outlived(route: Route, exit: Exit.Exit<unknown, unknown>): void {
    // a declared error is no news, a bug is: nobody is left to tell, but for the log
    if (Exit.isFailure(exit) && Cause.hasDies(exit.cause)) this.owner.defect(route.message.name, exit.cause)
  }

  gaveUp(route: Route, id: number, reason: FaultCode): void {
    this.answers.gaveUp(route, id, reason)
  }

  /** Gives this connection's client bytes of another. */
  relay(route: Route, bytes: Uint8Array, from: string): boolean {
    if (this.state === "connecting" || !isServedOn(route.implementation, this.listener)) return false
    if (route.guard !== undefined && !this.mayHear(route)) return false
    const message = this.wire?.numbered === true ? route.number : route.message.name
    return this.outlet.write(Kind.relay, 0, message, Outcome.success, bytes, from) !== "refused"
  }

  private caller(served: Served): unknown {
    let caller = this.callers.get(served)
    if (caller === undefined) {
      caller = {
        connection: { id: this.connection.id, peer: this.connection.peer },
        emit: (tag: string, payload: unknown) => this.emit(`${served.contract.name}.${tag}`, payload),
        close: (code: number, reason: string) => this.close(code, reason),
        ...(served.auth === undefined ? undefined : this.authCaller(served))
      }
      this.callers.set(served, caller)
    }
    return caller
  }

  /** The principal is that of now: what runs keeps it, also when the connection becomes somebody else's. */
  private authCaller(served: Served): object {
    return {
      principal: this.identity.fits(served) ? this.identity.as(served) : undefined,
      session: this.identity.current?.session,
      authenticate: (session: Session) =>
        Effect.map(Clock.currentTimeMillis, (now) => this.become(authenticatedBy(session), now)),
      signOut: Effect.sync(() => this.forget())
    }
  }

  private emit(name: string, payload: unknown): SendResult {
    const route = this.owner.table.find(name)
    const wire = this.wire
    if (route === undefined || wire === undefined) return "refused"
    let result: SendResult
    try {
      const prepared = route.payload(wire).prepare(payload)
      if (prepared instanceof InvalidPayload) throw wrong(`${name}: the event`, prepared)
      result = this.outlet.write(Kind.event, 0, wire.numbered ? route.number : name, Outcome.success, prepared)
    } catch (thrown) {
      this.owner.defect(name, Cause.die(thrown))
      return "refused"
    }
    if (result === "refused" && route.message.definition.whenSlow !== "drop")
      this.close(1013, "too slow for the events it gets")
    return result
  }

  /** Runs what nobody waits for, in the implementation's context. */
  private background(served: Served, what: string, make: () => Effect.Effect<void, never, unknown>): void {
    const fiber = served.run(Effect.suspend(make) as Effect.Effect<void>)
    fiber.addObserver((exit) => {
      if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) this.owner.defect(what, exit.cause)
    })
  }

  onDrain(): void {
    this.outlet.onDrain()
  }

  // --- the end -----------------------------------------------------------------------------------------------------------

  /** Tells the client that this connection is about to close, and takes no more messages. */
  drain(reason: string, retryAfterMillis: number): void {
    if (this.state === "closed" || this.state === "draining") return
    if (this.state === "connecting") return this.close(1001, reason)
    this.outlet.write(Kind.control, 0, 0, Outcome.success, { type: "goaway", reason, retryAfterMillis })
    this.step(this.state, "draining")
  }

  /** Nothing runs or waits. */
  get isIdle(): boolean {
    return this.lanes.isIdle
  }
  /** Nothing runs or waits but streamed answers, which may never end. */
  get isDone(): boolean {
    return this.lanes.isDone
  }
  endStreams(): void {
    this.lanes.giveUpAll("UNAVAILABLE")
  }

  close(code: CloseCode, reason: string): void {
    this.outlet.close(code, reason)
  }

  onClose(code: CloseCode, reason: string): void {
    if (this.state === "closed") return
    const wasOpen = this.state !== "connecting"
    this.step(this.state, "closed")
    this.owner.deadlines.remove(this.handshakeTick, this.handshake)
    this.outlet.closed = true
    this.asking?.()
    this.lanes.close()
    // a detached stream that waits for room finds the connection closed
    this.outlet.wake()
    this.owner.closed(this)
    if (wasOpen) for (const closed of this.owner.observers.closed) closed({ ...this.observed, code, reason })
    if (!wasOpen && !this.used) return
    for (const served of this.owner.served()) {
      const { closed } = served.hooks
      if (closed === undefined || !isServedOn(served, this.listener)) continue
      this.background(served, `${served.contract.name}: closed`, () => closed(this.caller(served) as never))
    }
  }

  /** Only along the edges of `ConnectionState.Next`: another step does not compile. */
  private step<S extends ConnectionState.ConnectionState>(from: S, to: ConnectionState.Next[S]): void {
    this.state = to
    this.owner.state({ connection: this.connection.id, from, to })
  }
}

const nothing: Envelope = {
  kind: Kind.request,
  id: 0,
  message: 0,
  outcome: Outcome.success,
  payload: undefined,
  meta: undefined,
  peer: ""
}
/** Stands in a sequence for what is not handled, with the fault as its payload. */
const refusal = new Route(
  { kind: "request", tag: "", name: "", payload: undefined, definition: {} },
  0,
  { handlers: {} } as Served,
  0
)
const kindOf = {
  request: Kind.request,
  call: Kind.call,
  signal: Kind.signal,
  event: Kind.event,
  relay: Kind.relay
} as const
const nameOf = (kind: Kind): string => (kind === Kind.request ? "request" : kind === Kind.signal ? "signal" : "relay")
