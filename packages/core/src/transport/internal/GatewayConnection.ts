import type { Authenticated } from "../../auth/Auth.ts"
import type * as ConnectionState from "../ConnectionState.ts"
import type * as Observers from "../Observers.ts"
import type { CloseCode, Connection, ConnectionHandler, FrameKind } from "../Transport.ts"
import { type Envelope, Kind, Malformed, Outcome, type Wire } from "../Wire.ts"
import { Authentication } from "./Authentication.ts"
import { Callers, type CallersLine } from "./Callers.ts"
import { CountedWork } from "./CountedWork.ts"
import { isDeeperThan } from "./codec.ts"
import { MAX_DEPTH } from "./depth.ts"
import { FrameQuota } from "./FrameQuota.ts"
import { type Greeted, Greeting } from "./Greeting.ts"
import { Handling } from "./Handling.ts"
import { Hooks } from "./Hooks.ts"
import { Identity } from "./Identity.ts"
import { Intake } from "./Intake.ts"
import { Outlet } from "./Outlet.ts"
import type { Owner } from "./Owner.ts"
import { isServedOn, type Route } from "./table.ts"

/** One connection's side of the gateway: decodes frames, hands each to the part that it is for, and keeps the state. */
export class GatewayConnection implements ConnectionHandler, Greeted, CallersLine {
  readonly owner: Owner
  readonly connection: Connection
  readonly listener: string
  readonly outlet: Outlet
  /** rooms this connection is in, with its place in each; kept by Rooms */
  readonly rooms = new Map<string, number>()
  state: ConnectionState.ConnectionState = "connecting"
  private readonly quota: FrameQuota
  private readonly greeting: Greeting
  private readonly identity: Identity
  private readonly hooks: Hooks
  private readonly authentication: Authentication
  private readonly intake: Intake

  constructor(owner: Owner, connection: Connection) {
    this.owner = owner
    this.connection = connection
    this.listener = connection.peer.transport
    this.outlet = new Outlet(connection)
    this.quota = new FrameQuota(owner, this.outlet)
    this.greeting = new Greeting(this)
    this.identity = new Identity(owner.turn, () => this.forget())
    const callers = new Callers(this, this.identity)
    this.hooks = new Hooks(this, callers, this.identity)
    this.authentication = new Authentication(this, this.identity, callers, this.hooks)
    const handling = new Handling(this, this.identity, callers)
    const { traffic } = owner.observers
    this.intake = new Intake(
      this,
      traffic === undefined ? handling : new CountedWork(handling, traffic, owner.turn.now)
    )
  }

  /** The wire that the first frame has chosen. */
  get wire(): Wire | undefined {
    return this.outlet.wire
  }

  // --- frames ------------------------------------------------------------------------------------------------------

  onFrame(bytes: Uint8Array, start: number, end: number, kind: FrameKind): void {
    this.quota.take()
    const session = this.outlet.session ?? this.greeting.choose(bytes, start, end, kind)
    if (session === undefined) return
    const envelope = session.decode(bytes, start, end, kind)
    if (envelope instanceof Malformed)
      return this.intake.refuse(envelope.id, envelope.fault.code, envelope.fault.message, true)
    switch (envelope.kind) {
      case Kind.request:
      case Kind.signal:
      case Kind.relay:
        return this.intake.accept(envelope)
      case Kind.cancel:
        return this.intake.lanes.cancel(envelope.id)
      case Kind.hello:
        return this.greeting.hello(envelope)
      case Kind.control:
        return this.control(envelope)
      default:
        return this.outlet.fault(envelope.id, {
          code: "UNSUPPORTED_KIND",
          message: "A client may send hello, request, signal, relay, cancel and control"
        })
    }
  }

  onDrain(): void {
    this.outlet.onDrain()
  }

  private control({ payload }: Envelope): void {
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

  /** Gives this connection's client bytes of another. */
  relay(route: Route, bytes: Uint8Array, from: string): boolean {
    if (this.state === "connecting" || !isServedOn(route.implementation, this.listener)) return false
    if (route.guard !== undefined && !this.mayHear(route)) return false
    const message = this.wire?.numbered === true ? route.number : route.message.name
    return this.outlet.write(Kind.relay, 0, message, Outcome.success, bytes, from) !== "refused"
  }

  // --- the beginning -------------------------------------------------------------------------------------------------

  begun(): void {
    this.greeting.begun()
  }

  spoken(wire: Wire): void {
    this.intake.lanes.ordered = wire.correlation === "order"
    if (!wire.hello) this.open()
  }

  open(): void {
    this.greeting.done()
    this.step("connecting", "open")
    for (const opened of this.owner.observers.opened) opened(this.observed)
    this.hooks.opened()
    this.authentication.opened()
  }

  // --- who it is -----------------------------------------------------------------------------------------------------

  /** Takes what headers or a hello have shown, before the connection is open. */
  admittedAs(known: Authenticated, now: number): void {
    this.identity.set(known, now)
  }
  become(known: Authenticated, now: number): void {
    this.authentication.become(known, now)
  }
  /** Makes the connection nobody's. */
  forget(): void {
    this.authentication.forget()
  }
  /** Id of the principal. */
  get principal(): string | undefined {
    return this.identity.current?.principal.id
  }
  restsOn(id: string): boolean {
    return this.authentication.restsOn(id)
  }
  /** Whether an event or a relay of a guarded message is for this connection. */
  mayHear(route: Route): boolean {
    return this.identity.refuses(route) === undefined
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
    return this.intake.lanes.isIdle
  }
  /** Nothing runs or waits but streamed answers, which may never end. */
  get isDone(): boolean {
    return this.intake.lanes.isDone
  }
  /** Names of the messages whose handlers run. */
  underWay(): Iterable<string> {
    return this.intake.lanes.underWay()
  }
  endStreams(): void {
    this.intake.lanes.giveUpAll("UNAVAILABLE")
  }

  close(code: CloseCode, reason: string): void {
    this.outlet.close(code, reason)
  }

  onClose(code: CloseCode, reason: string): void {
    if (this.state === "closed") return
    const wasOpen = this.state !== "connecting"
    this.step(this.state, "closed")
    this.outlet.closed = true
    this.greeting.done()
    this.intake.lanes.close()
    // a detached stream that waits for room finds the connection closed
    this.outlet.wake()
    this.owner.closed(this)
    if (wasOpen) for (const closed of this.owner.observers.closed) closed({ ...this.observed, code, reason })
    if (wasOpen || this.intake.used) this.hooks.closed()
  }

  // --- the state -----------------------------------------------------------------------------------------------------

  get observed(): Observers.Observed {
    return { connection: this.connection.id, peer: this.connection.peer }
  }

  step<S extends ConnectionState.ConnectionState>(from: S, to: ConnectionState.Next[S]): void {
    this.state = to
    this.owner.state({ connection: this.connection.id, from, to })
  }
}
