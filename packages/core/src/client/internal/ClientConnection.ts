import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type Credentials, toEntries } from "../../auth/Credentials.ts"
import type { Message } from "../../transport/Contract.ts"
import { coderFor } from "../../transport/internal/coder.ts"
import { copyBytes } from "../../transport/internal/copyBytes.ts"
import type { Connection, ConnectionHandler, FrameKind } from "../../transport/Transport.ts"
import {
  type Envelope,
  type Fault,
  InvalidPayload,
  Kind,
  Malformed,
  type Meta,
  Outcome,
  type PayloadCoder,
  versions,
  type Wire,
  type WireSession
} from "../../transport/Wire.ts"
import type { GoAway } from "../Client.ts"
import {
  type AuthError,
  type ClientError,
  ConnectionClosed,
  ContractMismatch,
  Forbidden,
  Overloaded,
  RequestFault,
  Unauthenticated
} from "../ClientError.ts"
import { Inbox, type Valve } from "./inbox.ts"
import { type Waiter, Waiters } from "./Waiters.ts"

type Listening = Inbox<unknown, ClientError>

/** The client's side of a connection: numbers requests, matches answers, hands out events. */
export class ClientConnection implements ConnectionHandler {
  serverId = ""
  readonly hello: Effect.Effect<void, ConnectionClosed | RequestFault | AuthError>
  readonly closed: Effect.Effect<ConnectionClosed>
  readonly goAway: Effect.Effect<GoAway>
  private readonly connection: Connection
  private readonly wire: Wire
  private readonly session: WireSession
  private readonly opened = Deferred.makeUnsafe<void, ConnectionClosed | RequestFault | AuthError>()
  private readonly end = Deferred.makeUnsafe<ConnectionClosed>()
  private readonly leave = Deferred.makeUnsafe<GoAway>()
  private readonly numbers = new Map<string, number>()
  private readonly byNumber = new Map<number | string, Message>()
  private readonly messages: ReadonlyMap<string, Message>
  private readonly coders = new Map<unknown, PayloadCoder>()
  private readonly waiters = new Waiters(() => this.balance())
  private readonly listeners = new Map<string, Set<Listening>>()
  private closing: ConnectionClosed | undefined
  private lastId = 0
  private held = 0
  /** the queue is over its high-water mark: whoever tells without being answered waits */
  private full = false
  private drainWaiters: Array<() => void> = []
  private readonly drained: Effect.Effect<void> = Effect.callback((resume) => {
    if (!this.full) return resume(Effect.void)
    this.drainWaiters.push(() => resume(Effect.void))
  })
  private paused = false
  private readonly valve: Valve = {
    hold: () => {
      this.held++
      this.balance()
    },
    release: () => {
      this.held--
      this.balance()
    }
  }

  constructor(
    connection: Connection,
    wire: Wire,
    messages: ReadonlyArray<Message>,
    credentials: Credentials | undefined
  ) {
    this.connection = connection
    this.wire = wire
    this.session = wire.make("client")
    this.messages = new Map(messages.map((message) => [message.name, message]))
    this.closed = Deferred.await(this.end)
    this.goAway = Deferred.await(this.leave)
    // without a hello there is no table: everything is believed to be served, under its name
    if (!wire.hello) this.know(messages.map(({ kind, name }) => [0, kind, name]))
    this.hello = Effect.suspend(() => {
      if (!wire.hello) return Effect.void
      const meta = credentials === undefined || credentials.size === 0 ? undefined : toEntries(credentials)
      this.send(Kind.hello, 0, 0, { min: versions.min, max: versions.max }, "", meta)
      return Deferred.await(this.opened)
    })
  }

  /**
   * Reads, or does not: a reader that is behind stops the reading, unless an answer is waited for. That answer may be
   * behind what the reader has not taken, and the reader may be who waits for it.
   */
  private balance(): void {
    const pause = this.held > 0 && this.waiters.single === 0
    if (pause === this.paused || this.closing !== undefined) return
    this.paused = pause
    if (pause) this.connection.pause()
    else this.connection.resume()
  }

  // --- asking ------------------------------------------------------------------------------------------------------

  request(message: Message, payload: unknown): Effect.Effect<unknown, unknown> {
    return Effect.callback((resume) => {
      const id = this.ask(message, payload, { message, settle: resume, item: undefined })
      return typeof id === "number" ? Effect.sync(() => this.cancel(id)) : resume(Effect.fail(id))
    })
  }

  requestStream(message: Message, payload: unknown): Stream.Stream<unknown, unknown> {
    return Stream.unwrap(
      Effect.acquireRelease(
        Effect.suspend(() => {
          const inbox = new Inbox<unknown, unknown>(this.valve, () => behind(message.name))
          const settle = (answer: Exit.Exit<unknown, unknown>) => {
            if (Exit.isSuccess(answer)) inbox.done()
            else inbox.fail(Cause.squash(answer.cause))
          }
          const id = this.ask(message, payload, { message, settle, item: (value) => inbox.push(value) })
          return typeof id === "number" ? Effect.succeed({ id, inbox }) : Effect.fail(id)
        }),
        ({ id, inbox }) =>
          Effect.sync(() => {
            this.cancel(id)
            inbox.dispose()
          })
      ).pipe(Effect.map(({ inbox }) => inbox.stream()))
    )
  }

  signal(message: Message, payload: unknown): Effect.Effect<void, ClientError> {
    return Effect.suspend(() => {
      const failed = this.tell(Kind.signal, 0, message, payload)
      if (failed !== undefined) return Effect.fail(failed)
      return this.full ? this.drained : Effect.void
    })
  }

  relay(message: Message, to: string, bytes: Uint8Array): Effect.Effect<number, ClientError> {
    return Effect.callback((resume) => {
      const settle = (answer: Exit.Exit<unknown, unknown>) => resume(answer as Exit.Exit<number, ClientError>)
      const id = this.nextId()
      this.waiters.set(id, { message, settle, item: undefined })
      const failed = this.tell(Kind.relay, id, message, copyBytes(bytes, 0, bytes.length), to)
      if (failed === undefined) return Effect.sync(() => this.cancel(id))
      this.waiters.take(id)
      return resume(Effect.fail(failed))
    })
  }

  /** Events and relays by name, from now on. */
  listen(name: string): Stream.Stream<unknown, ClientError> {
    return Stream.unwrap(
      Effect.acquireRelease(
        Effect.sync(() => {
          const inbox: Listening = new Inbox(this.valve, () => behind(name))
          if (this.closing !== undefined) inbox.fail(this.closing)
          let listening = this.listeners.get(name)
          if (listening === undefined) this.listeners.set(name, (listening = new Set()))
          listening.add(inbox)
          return inbox
        }),
        (inbox) =>
          Effect.sync(() => {
            this.listeners.get(name)?.delete(inbox)
            inbox.dispose()
          })
      ).pipe(Effect.map((inbox) => inbox.stream()))
    )
  }

  private ask(message: Message, payload: unknown, waiter: Waiter): number | ClientError {
    const request = message.name
    if (this.wire.correlation === "none")
      return new ContractMismatch({ request, message: `${request}: the ${this.wire.name} wire has no answers` })
    const id = this.nextId()
    this.waiters.set(id, waiter)
    const failed = this.tell(Kind.request, id, message, payload)
    if (failed === undefined) return id
    this.waiters.take(id)
    return failed
  }

  private nextId(): number {
    do this.lastId = this.lastId === 0xffffffff ? 1 : this.lastId + 1
    while (this.waiters.has(this.lastId))
    return this.lastId
  }

  private tell(kind: Kind, id: number, message: Message, payload: unknown, peer = ""): ClientError | undefined {
    if (this.closing !== undefined) return this.closing
    const request = message.name
    const number = this.numbers.get(request)
    if (number === undefined) {
      return new ContractMismatch({
        request,
        message: `The server does not serve ${request}: it has another version of the contract`
      })
    }
    let data = payload
    if (kind !== Kind.relay) {
      data = this.coder(message, "payload").prepare(payload)
      if (data instanceof InvalidPayload) {
        const { message: problem, path } = data
        return new RequestFault({
          request,
          fault: "BAD_PAYLOAD",
          message: `${request} was not sent: its payload does not match the contract${at(path)}: ${problem}`,
          path,
          reference: undefined
        })
      }
    }
    if (this.send(kind, id, this.wire.numbered ? number : request, data, peer) !== "refused") return undefined
    return (
      this.closing ??
      new Overloaded({
        request,
        message: `${request} was not sent: the connection's queue is full; send less or wait for answers`
      })
    )
  }

  private cancel(id: number): void {
    const waiter = this.waiters.get(id)
    if (waiter === undefined || this.closing !== undefined) return
    // the answer still has its place in the order, though nobody waits for it
    if (this.wire.correlation === "order") {
      this.waiters.set(id, { message: waiter.message, settle: () => {}, item: undefined })
      return
    }
    this.waiters.take(id)
    this.send(Kind.cancel, id, 0, undefined)
  }

  private send(kind: Kind, id: number, message: number | string, payload: unknown, peer = "", meta?: Meta) {
    const result = this.session.write(this.connection, {
      kind,
      id,
      message,
      outcome: Outcome.success,
      payload,
      meta,
      peer
    })
    if (result === "full") this.full = true
    return result
  }

  private coder(message: Message, part: "payload" | "success" | "error"): PayloadCoder {
    const { definition, kind, payload } = message
    const schema = part === "payload" ? payload : kind === "relay" ? Schema.Int : definition[part]
    const key = schema ?? "none"
    let coder = this.coders.get(key)
    if (coder === undefined) this.coders.set(key, (coder = coderFor(this.wire, schema)))
    return coder
  }

  // --- hearing -----------------------------------------------------------------------------------------------------

  onFrame(bytes: Uint8Array, start: number, end: number, kind: FrameKind): void {
    const envelope = this.session.decode(bytes, start, end, kind)
    if (envelope instanceof Malformed) return this.connection.close(1002, envelope.fault.message.slice(0, 100))
    switch (envelope.kind) {
      case Kind.response:
        return this.answered(envelope)
      case Kind.item:
        return this.item(envelope)
      case Kind.end:
        return this.ended(this.take(envelope))
      case Kind.event:
      case Kind.relay:
        return this.heard(envelope)
      case Kind.hello:
        return this.greeted(
          envelope.payload as {
            readonly connection: string
            readonly messages: ReadonlyArray<readonly [number, string, string]>
          }
        )
      case Kind.control:
        return this.control(envelope.payload)
      default:
        return
    }
  }

  private greeted(hello: {
    readonly connection: string
    readonly messages: ReadonlyArray<readonly [number, string, string]>
  }): void {
    this.serverId = hello.connection
    this.know(hello.messages)
    Deferred.doneUnsafe(this.opened, Effect.void)
  }

  private know(table: ReadonlyArray<readonly [number, string, string]>): void {
    for (const [number, , name] of table) {
      const message = this.messages.get(name)
      if (message === undefined) continue
      this.numbers.set(name, number)
      this.byNumber.set(number, message)
      this.byNumber.set(name, message)
    }
  }

  /** Whose answer it is: the one with the id, or the oldest where answers come in order. */
  private idOf(envelope: Envelope): number {
    return this.wire.correlation === "order" ? this.waiters.first : envelope.id
  }

  private take(envelope: Envelope): Waiter | undefined {
    const id = this.idOf(envelope)
    return this.waiters.take(id)
  }

  private ended(waiter: Waiter | undefined): void {
    waiter?.settle(waiter.item === undefined ? otherForm(waiter.message) : Exit.void)
  }

  private answered(envelope: Envelope): void {
    const waiter = this.take(envelope)
    if (waiter === undefined) return
    const { message } = waiter
    if (envelope.outcome === Outcome.fault) return waiter.settle(Exit.fail(told(message, envelope.payload)))
    const part = envelope.outcome === Outcome.error ? "error" : "success"
    if (part === "error" ? message.definition.error === undefined : waiter.item !== undefined)
      return waiter.settle(otherForm(message))
    const value = this.coder(message, part).read(envelope.payload)
    if (value instanceof InvalidPayload) waiter.settle(Exit.fail(mismatch(message.name, value)))
    else waiter.settle(part === "error" ? Exit.fail(value) : Exit.succeed(value))
  }

  private item(envelope: Envelope): void {
    const id = this.idOf(envelope)
    const waiter = this.waiters.get(id)
    if (waiter?.item === undefined) return
    const value = this.coder(waiter.message, "success").read(envelope.payload)
    if (!(value instanceof InvalidPayload)) return waiter.item(value)
    this.cancel(id)
    waiter.settle(Exit.fail(mismatch(waiter.message.name, value)))
  }

  private heard(envelope: Envelope): void {
    const message = this.byNumber.get(envelope.message)
    const listening = message === undefined ? undefined : this.listeners.get(message.name)
    if (message === undefined || listening === undefined || listening.size === 0) return
    if (message.kind === "relay") {
      for (const inbox of listening) inbox.push({ from: envelope.peer, bytes: envelope.payload })
      return
    }
    const value = this.coder(message, "payload").read(envelope.payload)
    for (const inbox of listening) {
      if (value instanceof InvalidPayload) inbox.fail(mismatch(message.name, value))
      else inbox.push(value)
    }
  }

  private control(payload: unknown): void {
    if (typeof payload !== "object" || payload === null || !("type" in payload)) return
    if (payload.type === "ping") {
      const token = "token" in payload ? { token: payload.token } : {}
      this.send(Kind.control, 0, 0, { type: "pong", ...token })
    } else if (payload.type === "goaway") {
      const about = payload as Partial<GoAway>
      Deferred.doneUnsafe(
        this.leave,
        Effect.succeed({ reason: String(about.reason ?? ""), retryAfterMillis: Number(about.retryAfterMillis ?? 0) })
      )
    } else if (payload.type === "fault" && "fault" in payload) {
      // before the hello is answered, a fault is the answer; later ones belong to nothing that waits
      Deferred.doneUnsafe(this.opened, Effect.fail(this.refused(payload.fault)))
    }
  }

  /** A hello belongs to all messages: where one of them knows of auth, whoever connects does. */
  private refused(fault: unknown): RequestFault | AuthError {
    const knowing = [...this.messages.values()].find(({ requires }) => requires !== undefined)
    return knowing === undefined ? faulted("hello", fault) : told({ ...knowing, name: "hello" }, fault)
  }

  onDrain(): void {
    this.full = false
    const waiters = this.drainWaiters
    this.drainWaiters = []
    for (const resume of waiters) resume()
  }

  onClose(code: number, reason: string): void {
    const closed = new ConnectionClosed({
      closeCode: code,
      message: reason === "" ? `The connection closed with code ${code}` : `The connection closed: ${reason} (${code})`
    })
    this.closing = closed
    Deferred.doneUnsafe(this.opened, Effect.fail(closed))
    Deferred.doneUnsafe(this.end, Effect.succeed(closed))
    this.onDrain()
    for (const waiter of this.waiters.clear()) waiter.settle(Exit.fail(closed))
    for (const listening of this.listeners.values()) for (const inbox of listening) inbox.fail(closed)
  }
}

/** An error that the contract does not declare, one answer instead of a stream, a stream instead of one answer. */
const otherForm = ({ name }: Message): Exit.Exit<never, ContractMismatch> =>
  Exit.fail(
    new ContractMismatch({
      request: name,
      message: `The server answered ${name} in a form that this contract does not have: it has another version of it`
    })
  )

/** A fault as the callers of a message know it. */
const told = (message: Message, fault: unknown): RequestFault | AuthError => {
  const error = faulted(message.name, fault)
  if (message.requires === undefined) return error
  const about = { request: message.name, message: error.message }
  if (error.fault === "UNAUTHENTICATED") return new Unauthenticated(about)
  return error.fault === "FORBIDDEN" ? new Forbidden(about) : error
}

/** A fault as it came, also where it has not the form of one: whoever asked gets an answer even so. */
const faulted = (request: string, fault: unknown): RequestFault => {
  const { code, message, path, reference, retryAfterMillis } = (
    typeof fault === "object" && fault !== null ? fault : {}
  ) as {
    readonly [field in keyof Fault]?: unknown
  }
  return new RequestFault({
    request,
    fault: typeof code === "string" ? code : "INTERNAL",
    message: `${request}: ${typeof message === "string" ? message : "the server answered with a fault that says nothing"}`,
    path: Array.isArray(path) ? path.map(String) : [],
    reference: typeof reference === "string" ? reference : undefined,
    ...(typeof retryAfterMillis === "number" && Number.isFinite(retryAfterMillis) ? { retryAfterMillis } : {})
  })
}

const behind = (request: string): Overloaded =>
  new Overloaded({ request, message: `The reader of ${request} fell too far behind what came: read faster, or less` })

const at = (path: ReadonlyArray<string>): string => (path.length === 0 ? "" : ` at "${path.join(".")}"`)

const mismatch = (request: string, { message, path }: InvalidPayload): ContractMismatch =>
  new ContractMismatch({
    request,
    message: `What the server sent for ${request} does not match the contract${at(path)}: ${message}`
  })
