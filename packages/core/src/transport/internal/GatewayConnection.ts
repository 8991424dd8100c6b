import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import type { TurnShape } from "../../app/Turn.ts"
import type * as ConnectionState from "../ConnectionState.ts"
import type { Delivery } from "../Contract.ts"
import type { CloseCode, Connection, ConnectionHandler, FrameKind, SendResult } from "../Transport.ts"
import {
  type Envelope,
  type Fault,
  type FaultCode,
  InvalidPayload,
  Kind,
  Malformed,
  type Meta,
  Outcome,
  type Wire,
  type WireSession
} from "../Wire.ts"
import { isDeeperThan } from "./codec.ts"
import type { Deadlines } from "./deadlines.ts"
import * as Handshake from "./handshake.ts"
import { Backlog, Job, type JobOwner } from "./lane.ts"
import { MAX_DEPTH } from "./messagePack.ts"
import type { TurnCounter } from "./TurnCounter.ts"
import { badPayload, isServedOn, type Route, type Served, type Table } from "./table.ts"

export interface ConnectionLimits {
  readonly handshakeTimeoutMillis: number
  readonly deadlineMillis: number
  readonly maxDeadlineMillis: number
  /** messages that wait for their turn before reading pauses */
  readonly maxBacklog: number
  /** messages of one connection that run at the same time */
  readonly maxInFlight: number
  /** frames of one connection that are handled before the others get their turn */
  readonly framesPerTurn: number
}

/** What a connection needs of the gateway that it belongs to. */
export interface Owner {
  readonly table: Table
  readonly wires: ReadonlyArray<Wire>
  readonly limits: ConnectionLimits
  readonly deadlines: Deadlines
  readonly turn: TurnShape
  readonly turns: TurnCounter
  readonly maxFrameBytes: number
  readonly served: () => ReadonlyArray<Served>
  readonly find: (connection: string) => GatewayConnection | undefined
  readonly opened: (connection: GatewayConnection) => void
  readonly closed: (connection: GatewayConnection) => void
  readonly state: (change: ConnectionState.StateChange) => void
  /** Logs a defect; gives the reference under which it can be found. */
  readonly defect: (what: string, cause: Cause.Cause<unknown>, reference?: string) => string
  readonly reference: () => string
}

interface Scratch {
  kind: Kind
  id: number
  message: number | string
  outcome: Outcome
  payload: unknown
  meta: Meta | undefined
  peer: string
}

/**
 * One connection's side of the gateway: decodes frames, keeps the order of arrival, runs handlers and writes answers.
 * Handlers that finish at once cost no fiber; all else is one fiber a message.
 */
export class GatewayConnection implements ConnectionHandler, JobOwner {
  readonly connection: Connection
  readonly listener: string
  wire: Wire | undefined
  /** rooms this connection is in, with its place in each; kept by Rooms */
  readonly rooms = new Map<string, number>()
  state: ConnectionState.ConnectionState = "connecting"
  private readonly owner: Owner
  private session: WireSession | undefined
  private readonly callers = new Map<Served, unknown>()
  private readonly jobs = new Map<number, Job>()
  private readonly unnumbered = new Set<Job>()
  /** what waits for its turn in the order of arrival */
  private readonly sequence = new Backlog()
  /** what waits for others of its own kind: a lane for each concurrent message that was ever at its bound */
  private readonly lanes = new Map<Route, Backlog>()
  /** messages in all lanes */
  private waiting = 0
  /** a message of the sequence is running */
  private busy = false
  /** messages with a fiber */
  private active = 0
  private readonly running = new Map<Route, number>()
  /** the outgoing queue is over its high-water mark: nothing is read, so that a peer that does not read cannot fill it */
  private choked = false
  private drainWaiters: Array<() => void> = []
  private readonly drained: Effect.Effect<void> = Effect.callback((resume) => {
    if (this.choked) this.drainWaiters.push(() => resume(Effect.void))
    else resume(Effect.void)
  })
  private closing = false
  private frames = 0
  private seenTurn = -1
  private turnScheduled = false
  private held = 0
  private readonly handshake: { readonly expire: () => void }
  private handshakeTick: number
  // answers are written from one object: wires do not keep it
  private readonly out: Scratch = {
    kind: Kind.response,
    id: 0,
    message: 0,
    outcome: Outcome.success,
    payload: undefined,
    meta: undefined,
    peer: ""
  }

  constructor(owner: Owner, connection: Connection) {
    this.owner = owner
    this.connection = connection
    this.listener = connection.peer.transport
    this.handshake = { expire: () => this.close(1002, "no hello in time") }
    this.handshakeTick = owner.deadlines.add(owner.limits.handshakeTimeoutMillis, this.handshake)
  }

  // --- frames ------------------------------------------------------------------------------------------------------

  onFrame(bytes: Uint8Array, start: number, end: number, kind: FrameKind): void {
    const turn = this.owner.turns.current()
    if (turn !== this.seenTurn) {
      this.seenTurn = turn
      this.frames = 0
    }
    if (++this.frames >= this.owner.limits.framesPerTurn) this.yieldTurn()
    const session = this.session ?? this.choose(bytes, start, end, kind)
    if (session === undefined) return
    const envelope = session.decode(bytes, start, end, kind)
    if (envelope instanceof Malformed) return this.fault(envelope.id, envelope.fault)
    switch (envelope.kind) {
      case Kind.request:
      case Kind.signal:
      case Kind.relay:
        return this.accept(envelope)
      case Kind.cancel: {
        const job = this.jobs.get(envelope.id)
        if (job !== undefined) this.giveUp(job, "CANCELLED")
        return
      }
      case Kind.hello:
        return this.hello(envelope)
      case Kind.control:
        return this.control(envelope)
      default:
        return this.fault(envelope.id, {
          code: "UNSUPPORTED_KIND",
          message: "A client may send hello, request, signal, relay, cancel and control"
        })
    }
  }

  private choose(bytes: Uint8Array, start: number, end: number, kind: FrameKind): WireSession | undefined {
    for (const wire of this.owner.wires) {
      if (!wire.accepts(bytes, start, end, kind)) continue
      this.wire = wire
      this.session = wire.make("server")
      if (!wire.hello) this.open()
      return this.session
    }
    const names = this.owner.wires.map((wire) => wire.name).join(", ")
    this.close(1002, `the first frame is of none of the wires ${names}`)
    return undefined
  }

  private hello(envelope: Envelope): void {
    if (this.state !== "connecting") {
      return this.fault(0, { code: "UNSUPPORTED_KIND", message: "The hello has been said already" })
    }
    const answer = Handshake.answer(envelope, {
      connection: this.connection.id,
      maxFrameBytes: this.owner.maxFrameBytes,
      messages: this.owner.table.list(this.listener)
    })
    if (answer._tag === "Refused") {
      this.fault(0, answer.fault)
      if (answer.fault.code === "UNSUPPORTED_VERSION") this.close(1002, answer.fault.message)
      return
    }
    this.write(Kind.hello, 0, 0, Outcome.success, answer.payload)
    this.open()
  }

  private open(): void {
    this.owner.deadlines.remove(this.handshakeTick, this.handshake)
    this.step("open")
    this.owner.opened(this)
    for (const served of this.owner.served()) {
      const { opened } = served.hooks
      if (opened === undefined || !isServedOn(served, this.listener)) continue
      this.background(served, `${served.contract.name}: opened`, () => opened(this.caller(served) as never))
    }
  }

  private control(envelope: Envelope): void {
    const payload = envelope.payload
    if (typeof payload !== "object" || payload === null || !("type" in payload)) return
    if (payload.type === "ping") {
      const token = "token" in payload ? { token: payload.token } : {}
      if (isDeeperThan(token, MAX_DEPTH))
        return this.fault(0, { code: "MALFORMED_FRAME", message: `The token nests deeper than ${MAX_DEPTH} levels` })
      this.write(Kind.control, 0, 0, Outcome.success, { type: "pong", ...token })
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

  /** Reading pauses while anybody holds. */
  private hold(): void {
    if (this.held++ === 0) this.connection.pause()
  }
  private release(): void {
    if (--this.held === 0 && this.state !== "closed") this.connection.resume()
  }

  // --- the order of arrival ------------------------------------------------------------------------------------------

  private accept(envelope: Envelope): void {
    const route = this.owner.table.find(envelope.message)
    if (
      route === undefined ||
      !isServedOn(route.implementation, this.listener) ||
      kindOf[route.message.kind] !== envelope.kind
    ) {
      return this.fault(envelope.id, {
        code: "UNKNOWN_MESSAGE",
        message: `There is no ${nameOf(envelope.kind)} ${quoted(envelope.message)} here; the hello lists what there is`
      })
    }
    if (envelope.id === 0 && envelope.kind === Kind.request && this.wire?.correlation === "id") {
      return this.fault(0, {
        code: "MALFORMED_FRAME",
        message: `The request ${route.message.name} has no id: its answer could not be told from others`
      })
    }
    if (this.state === "connecting" && this.wire?.numbered === true) {
      return this.fault(envelope.id, {
        code: "UNKNOWN_MESSAGE",
        message: "Say hello first: the numbers of messages are not known before"
      })
    }
    if (this.state === "draining") {
      return this.fault(envelope.id, {
        code: "UNAVAILABLE",
        message: "The server is shutting down: connect again later"
      })
    }
    if (envelope.id !== 0 && this.jobs.size > 0 && this.jobs.has(envelope.id)) {
      return this.fault(0, { code: "DUPLICATE_ID", message: `The id ${envelope.id} is in use until it is answered` })
    }
    let deadline = route.deadlineMillis
    if (envelope.meta !== undefined) {
      const read = readMeta(envelope.meta, this.owner.limits.maxDeadlineMillis)
      if (typeof read === "string") return this.fault(envelope.id, { code: "UNSUPPORTED_META", message: read })
      deadline = read ?? deadline
    }
    const lane = route.concurrency === 0 ? this.sequence : this.lanes.get(route)
    if ((lane === undefined || lane.size === 0) && this.isFree(route))
      return this.start(route, envelope, deadline, undefined)
    const job = new Job(this, route, this.session?.keep?.(envelope) ?? envelope)
    this.track(job, deadline)
    this.wait(job, lane)
  }

  private wait(job: Job, lane: Backlog | undefined): void {
    if (lane !== undefined) lane.push(job)
    else {
      const made = new Backlog()
      made.push(job)
      this.lanes.set(job.route, made)
    }
    if (++this.waiting === this.owner.limits.maxBacklog) this.hold()
  }

  private isFree(route: Route): boolean {
    if (this.active >= this.owner.limits.maxInFlight) return false
    if (route.concurrency > 0) return (this.running.get(route) ?? 0) < route.concurrency
    return !this.busy
  }

  private track(job: Job, deadlineMillis: number): void {
    if (job.id === 0) this.unnumbered.add(job)
    else this.jobs.set(job.id, job)
    job.tick = this.owner.deadlines.add(deadlineMillis, job)
  }

  private forget(job: Job): void {
    job.done = true
    if (job.id === 0) this.unnumbered.delete(job)
    else this.jobs.delete(job.id)
    this.owner.deadlines.remove(job.tick, job)
  }

  /** A message of `route` has ended: starts what waited for that. */
  private advance(route: Route, wasFull: boolean): void {
    let freed = false
    if (!wasFull) {
      const lane = route.concurrency === 0 ? this.sequence : this.lanes.get(route)
      if (lane !== undefined) freed = this.advanceLane(lane)
    } else {
      freed = this.advanceLane(this.sequence)
      for (const lane of this.lanes.values()) freed = this.advanceLane(lane) || freed
    }
    // last: frames that were held back come before this returns, and must find started what came before them
    if (freed) this.release()
  }

  /** Starts what is first in a lane, as far as its turn has come; says whether the backlog was full and is no longer. */
  private advanceLane(lane: Backlog): boolean {
    let freed = false
    for (let job = lane.first; job !== undefined; job = lane.first) {
      if (!job.done && !this.isFree(job.route)) break
      lane.shift()
      if (this.waiting-- === this.owner.limits.maxBacklog) freed = true
      if (!job.done) this.start(job.route, job.envelope, 0, job)
      if (this.state === "closed") return false
    }
    return freed
  }

  // --- handlers ------------------------------------------------------------------------------------------------------

  private start(route: Route, envelope: Envelope, deadlineMillis: number, waited: Job | undefined): void {
    const id = envelope.id
    let input: unknown
    if (envelope.kind === Kind.relay) input = { to: envelope.peer, size: (envelope.payload as Uint8Array).length }
    else {
      input = route.payload(this.wire as Wire).read(envelope.payload)
      if (input instanceof InvalidPayload) {
        if (waited !== undefined) this.forget(waited)
        return this.fault(id, badPayload(route.message, input))
      }
    }
    let answer: Effect.Effect<unknown, unknown>
    try {
      const given = route.handler(input, this.caller(route.implementation))
      answer = route.streams
        ? this.pump(route, id, given as Stream.Stream<unknown, unknown>)
        : (given as Effect.Effect<unknown, unknown>)
    } catch (thrown) {
      answer = Exit.die(thrown)
    }
    if (Exit.isExit(answer)) {
      if (waited !== undefined) this.forget(waited)
      return this.settle(route, envelope, answer, undefined)
    }
    const fiber = route.implementation.run(answer as Effect.Effect<unknown, unknown>)
    const exit = fiber.pollUnsafe()
    if (exit !== undefined) {
      if (waited !== undefined) this.forget(waited)
      return this.settle(route, envelope, exit, undefined)
    }
    const job = waited ?? new Job(this, route, envelope)
    if (waited === undefined) this.track(job, deadlineMillis)
    job.fiber = fiber
    // a stream may last as long as the connection: it never holds up what comes after it
    const inSequence = route.concurrency === 0 && !route.streams
    if (inSequence) this.busy = true
    else this.running.set(route, (this.running.get(route) ?? 0) + 1)
    this.active++
    fiber.addObserver((exit) => {
      const wasFull = this.active-- === this.owner.limits.maxInFlight
      if (inSequence) this.busy = false
      else this.running.set(route, (this.running.get(route) as number) - 1)
      if (!job.done) {
        this.forget(job)
        this.settle(route, envelope, exit, job.reason)
      }
      if (this.waiting > 0) this.advance(route, wasFull)
    })
  }

  /** A streamed answer, as an effect that writes it: the stream is pulled no faster than the connection takes it. */
  private pump(route: Route, id: number, stream: Stream.Stream<unknown, unknown>): Effect.Effect<void, unknown> {
    const send = (items: ReadonlyArray<unknown>, from: number): Effect.Effect<void> => {
      const coder = route.success(this.wire as Wire)
      for (let i = from; i < items.length; i++) {
        const prepared = coder.prepare(items[i])
        if (prepared instanceof InvalidPayload) return Effect.die(wrong(`${route.message.name}: an item`, prepared))
        const took = this.write(Kind.item, id, 0, Outcome.success, prepared)
        if (took === "refused") return this.isGone ? Effect.interrupt : Effect.die(unsent)
        if (took === "full")
          return Effect.andThen(
            this.drained,
            Effect.suspend(() => send(items, i + 1))
          )
      }
      return Effect.void
    }
    return Stream.runForEachArray(stream, (items) => send(items, 0))
  }

  /** Answers for a handler that has come to its end. */
  private settle(
    route: Route,
    envelope: Envelope,
    exit: Exit.Exit<unknown, unknown>,
    reason: FaultCode | undefined
  ): void {
    const { id, kind } = envelope
    if (Exit.isSuccess(exit)) {
      if (kind === Kind.request) {
        if (route.streams) return this.answer(route, Kind.end, id, Outcome.success, undefined)
        return this.succeed(route, id, exit.value)
      }
      if (kind === Kind.relay) this.deliver(route, envelope, exit.value as Delivery)
      return
    }
    if (reason !== undefined) return this.fault(id, { code: reason, message: told[reason] ?? reason })
    const error = Cause.findErrorOption(exit.cause)
    if (error._tag === "Some" && route.message.definition.error !== undefined) {
      const prepared = route.error(this.wire as Wire).prepare(error.value)
      if (!(prepared instanceof InvalidPayload)) return this.answer(route, Kind.response, id, Outcome.error, prepared)
    }
    if (this.isGone) return
    if (Cause.squash(exit.cause) === unsent) return this.unanswered(route, id)
    const reference = this.owner.defect(route.message.name, exit.cause)
    this.fault(id, {
      code: "INTERNAL",
      message: "The server failed to handle this; its log knows more under the reference",
      reference
    })
  }

  private succeed(route: Route, id: number, value: unknown): void {
    const prepared = route.success(this.wire as Wire).prepare(value)
    if (!(prepared instanceof InvalidPayload)) return this.answer(route, Kind.response, id, Outcome.success, prepared)
    const { name } = route.message
    const reference = this.owner.defect(name, Cause.die(wrong(`${name}: the answer`, prepared)))
    this.fault(id, {
      code: "INTERNAL",
      message: "The server's answer was wrong; its log knows more under the reference",
      reference
    })
  }

  private answer(route: Route, kind: Kind, id: number, outcome: Outcome, prepared: unknown): void {
    if (this.write(kind, id, 0, outcome, prepared) === "refused" && !this.isGone) this.unanswered(route, id)
  }

  /** The transport did not take an answer: it is too large, which a fault can say, or nothing more is taken at all. */
  private unanswered(route: Route, id: number): void {
    const reference = this.owner.reference()
    const fault: Fault = {
      code: "INTERNAL",
      message: `The answer is larger than a frame may be, which is ${this.owner.maxFrameBytes} bytes`,
      reference
    }
    if (this.write(Kind.response, id, 0, Outcome.fault, fault) === "refused")
      return this.close(1013, "too slow for the answers it gets")
    this.owner.defect(route.message.name, Cause.die(new RangeError(fault.message)), reference)
  }

  /** Passes a relay's bytes on, as they came, under the name that the server vouches for. */
  private deliver(route: Route, envelope: Envelope, delivery: Delivery): void {
    let taken = 0
    for (const to of delivery.to) {
      const recipient = this.owner.find(to)
      if (recipient?.relay(route, envelope.payload as Uint8Array, delivery.from ?? this.connection.id) === true) taken++
    }
    if (envelope.id === 0) return
    if (taken > 0) this.answer(route, Kind.response, envelope.id, Outcome.success, taken)
    else
      this.fault(envelope.id, {
        code: "NO_RECIPIENT",
        message: `Nobody took the relay to ${quoted(envelope.peer)}`
      })
  }

  private relay(route: Route, bytes: Uint8Array, from: string): boolean {
    if (this.state === "connecting" || !isServedOn(route.implementation, this.listener)) return false
    const message = this.wire?.numbered === true ? route.number : route.message.name
    return this.write(Kind.relay, 0, message, Outcome.success, bytes, from) !== "refused"
  }

  giveUp(job: Job, reason: FaultCode): void {
    if (job.done) return
    job.reason = reason
    if (job.fiber === undefined) {
      this.forget(job)
      return this.fault(job.id, { code: reason, message: told[reason] ?? reason })
    }
    job.fiber.interruptUnsafe()
  }

  /** Runs what nobody waits for, in the implementation's context. */
  private background(served: Served, what: string, make: () => Effect.Effect<void, never, unknown>): void {
    const fiber = served.run(Effect.suspend(make) as Effect.Effect<void>)
    fiber.addObserver((exit) => {
      if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) this.owner.defect(what, exit.cause)
    })
  }

  // --- answers ---------------------------------------------------------------------------------------------------------

  write(kind: Kind, id: number, message: number | string, outcome: Outcome, payload: unknown, peer = ""): SendResult {
    if (this.session === undefined || this.state === "closed") return "refused"
    const out = this.out
    out.kind = kind
    out.id = id
    out.message = message
    out.outcome = outcome
    out.payload = payload
    out.peer = peer
    const result = this.session.write(this.connection, out)
    if (result === "full" && !this.choked) {
      this.choked = true
      this.hold()
    }
    return result
  }

  private fault(id: number, fault: Fault): void {
    const result =
      id !== 0
        ? this.write(Kind.response, id, 0, Outcome.fault, fault)
        : this.write(Kind.control, 0, 0, Outcome.success, { type: "fault", fault })
    if (result === "refused") this.close(1013, "too slow for the answers it gets")
  }

  private get isGone(): boolean {
    return this.closing || this.state === "closed"
  }

  private caller(served: Served): unknown {
    let caller = this.callers.get(served)
    if (caller === undefined) {
      caller = {
        connection: { id: this.connection.id, peer: this.connection.peer },
        emit: (tag: string, payload: unknown) => this.emit(`${served.contract.name}.${tag}`, payload),
        close: (code: number, reason: string) => this.close(code, reason)
      }
      this.callers.set(served, caller)
    }
    return caller
  }

  private emit(name: string, payload: unknown): SendResult {
    const route = this.owner.table.find(name)
    const wire = this.wire
    if (route === undefined || wire === undefined) return "refused"
    const prepared = route.payload(wire).prepare(payload)
    if (prepared instanceof InvalidPayload) {
      this.owner.defect(name, Cause.die(wrong(`${name}: the event`, prepared)))
      return "refused"
    }
    const result = this.write(Kind.event, 0, wire.numbered ? route.number : name, Outcome.success, prepared)
    if (result === "refused" && route.message.definition.whenSlow !== "drop")
      this.close(1013, "too slow for the events it gets")
    return result
  }

  onDrain(): void {
    this.wakeWaiters()
    if (!this.choked) return
    this.choked = false
    this.release()
  }

  private wakeWaiters(): void {
    const waiters = this.drainWaiters
    this.drainWaiters = []
    for (const resume of waiters) resume()
  }

  // --- the end -----------------------------------------------------------------------------------------------------------

  /** Tells the client that this connection is about to close, and takes no more messages. */
  drain(reason: string, retryAfterMillis: number): void {
    if (this.state === "closed" || this.state === "draining") return
    if (this.state === "connecting") return this.close(1001, reason)
    this.write(Kind.control, 0, 0, Outcome.success, { type: "goaway", reason, retryAfterMillis })
    this.step("draining")
  }

  /** Nothing runs or waits. */
  get isIdle(): boolean {
    return this.jobs.size === 0 && this.unnumbered.size === 0
  }

  close(code: CloseCode, reason: string): void {
    this.closing = true
    this.connection.close(code, reason)
  }

  onClose(_code: CloseCode, _reason: string): void {
    if (this.state === "closed") return
    const wasOpen = this.state !== "connecting"
    this.step("closed")
    this.owner.deadlines.remove(this.handshakeTick, this.handshake)
    this.sequence.clear()
    this.lanes.clear()
    this.waiting = 0
    for (const job of [...this.jobs.values(), ...this.unnumbered]) {
      this.forget(job)
      if (!job.route.detached) job.fiber?.interruptUnsafe()
    }
    // a detached stream that waits for room finds the connection closed
    this.wakeWaiters()
    this.owner.closed(this)
    if (!wasOpen) return
    for (const served of this.owner.served()) {
      const { closed } = served.hooks
      if (closed === undefined || !isServedOn(served, this.listener)) continue
      this.background(served, `${served.contract.name}: closed`, () => closed(this.caller(served) as never))
    }
  }

  private step(to: ConnectionState.ConnectionState): void {
    const from = this.state
    this.state = to
    this.owner.state({ connection: this.connection.id, from, to })
  }
}

const wrong = (what: string, { message, path }: InvalidPayload): TypeError =>
  new TypeError(`${what} does not match its schema${path.length === 0 ? "" : ` at "${path.join(".")}"`}: ${message}`)
const kindOf = {
  request: Kind.request,
  call: Kind.call,
  signal: Kind.signal,
  event: Kind.event,
  relay: Kind.relay
} as const
const nameOf = (kind: Kind): string => (kind === Kind.request ? "request" : kind === Kind.signal ? "signal" : "relay")
const told: { readonly [code in FaultCode]?: string } = {
  DEADLINE_EXCEEDED: "The handler did not finish before the deadline and was interrupted",
  CANCELLED: "Given up at the client's wish",
  UNAVAILABLE: "The server is shutting down: connect again later"
}

/** Stands for the cause where a stream could not be sent on. */
const unsent: unique symbol = Symbol("unsent")
/** What a peer sent, short enough to send back. */
const quoted = (text: number | string): string => JSON.stringify(typeof text === "string" ? text.slice(0, 64) : text)

/** The deadline that the sender asks for; text says what is wrong. */
const readMeta = (meta: Meta, maxDeadlineMillis: number): number | string | undefined => {
  let deadline: number | undefined
  for (const [key, value] of meta) {
    if (key === "deadline") {
      if (typeof value !== "string" || !/^\d{1,12}$/.test(value))
        return `The meta key "deadline" must be milliseconds in digits`
      deadline = Math.min(Number(value), maxDeadlineMillis)
    } else if (key.startsWith("!")) return `The critical meta key ${JSON.stringify(key.slice(0, 64))} is not known here`
  }
  return deadline
}
