import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import type { Message } from "../../transport/Contract.ts"
import { copyBytes } from "../../transport/internal/copyBytes.ts"
import { type Envelope, InvalidPayload, Kind, Outcome } from "../../transport/Wire.ts"
import { type ClientError, type ConnectionClosed, ContractMismatch } from "../ClientError.ts"
import { Inbox } from "./inbox.ts"
import type { MessageTable } from "./MessageTable.ts"
import { behind, mismatch, otherForm, told } from "./problems.ts"
import type { ReadingValve } from "./ReadingValve.ts"
import type { Speaker } from "./Speaker.ts"
import { type Waiter, Waiters } from "./Waiters.ts"

/** Numbers what wants an answer, and matches answers with who waits for them. */
export class Requests {
  private readonly speaker: Speaker
  private readonly table: MessageTable
  private readonly valve: ReadingValve
  private readonly waiters: Waiters
  private lastId = 0

  constructor(speaker: Speaker, table: MessageTable, valve: ReadingValve) {
    this.speaker = speaker
    this.table = table
    this.valve = valve
    this.waiters = new Waiters(() => valve.await(this.waiters.single > 0))
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

  relay(message: Message, to: string, bytes: Uint8Array): Effect.Effect<number, ClientError> {
    return Effect.callback((resume) => {
      const settle = (answer: Exit.Exit<unknown, unknown>) => resume(answer as Exit.Exit<number, ClientError>)
      const id = this.nextId()
      this.waiters.set(id, { message, settle, item: undefined })
      const failed = this.speaker.tell(Kind.relay, id, message, copyBytes(bytes, 0, bytes.length), to)
      if (failed === undefined) return Effect.sync(() => this.cancel(id))
      this.waiters.take(id)
      return resume(Effect.fail(failed))
    })
  }

  private ask(message: Message, payload: unknown, waiter: Waiter): number | ClientError {
    const request = message.name
    const { wire } = this.speaker
    if (wire.correlation === "none")
      return new ContractMismatch({ request, message: `${request}: the ${wire.name} wire has no answers` })
    const id = this.nextId()
    this.waiters.set(id, waiter)
    const failed = this.speaker.tell(Kind.request, id, message, payload)
    if (failed === undefined) return id
    this.waiters.take(id)
    return failed
  }

  private nextId(): number {
    do this.lastId = this.lastId === 0xffffffff ? 1 : this.lastId + 1
    while (this.waiters.has(this.lastId))
    return this.lastId
  }

  private cancel(id: number): void {
    const waiter = this.waiters.get(id)
    if (waiter === undefined || this.speaker.closing !== undefined) return
    // the answer still has its place in the order, though nobody waits for it
    if (this.speaker.wire.correlation === "order") {
      this.waiters.set(id, { message: waiter.message, settle: () => {}, item: undefined })
      return
    }
    this.waiters.take(id)
    this.speaker.send(Kind.cancel, id, 0, undefined)
  }

  // --- answers -----------------------------------------------------------------------------------------------------

  answered(envelope: Envelope): void {
    const waiter = this.take(envelope)
    if (waiter === undefined) return
    const { message } = waiter
    if (envelope.outcome === Outcome.fault) return waiter.settle(Exit.fail(told(message, envelope.payload)))
    const part = envelope.outcome === Outcome.error ? "error" : "success"
    if (part === "error" ? message.definition.error === undefined : waiter.item !== undefined)
      return waiter.settle(otherForm(message))
    const value = this.table.coder(message, part).read(envelope.payload)
    if (value instanceof InvalidPayload) waiter.settle(Exit.fail(mismatch(message.name, value)))
    else waiter.settle(part === "error" ? Exit.fail(value) : Exit.succeed(value))
  }

  item(envelope: Envelope): void {
    const id = this.idOf(envelope)
    const waiter = this.waiters.get(id)
    if (waiter?.item === undefined) return
    const value = this.table.coder(waiter.message, "success").read(envelope.payload)
    if (!(value instanceof InvalidPayload)) return waiter.item(value)
    this.cancel(id)
    waiter.settle(Exit.fail(mismatch(waiter.message.name, value)))
  }

  ended(envelope: Envelope): void {
    const waiter = this.take(envelope)
    waiter?.settle(waiter.item === undefined ? otherForm(waiter.message) : Exit.void)
  }

  close(closed: ConnectionClosed): void {
    for (const waiter of this.waiters.clear()) waiter.settle(Exit.fail(closed))
  }

  /** Whose answer it is: the one with the id, or the oldest where answers come in order. */
  private idOf(envelope: Envelope): number {
    return this.speaker.wire.correlation === "order" ? this.waiters.first : envelope.id
  }

  private take(envelope: Envelope): Waiter | undefined {
    return this.waiters.take(this.idOf(envelope))
  }
}
