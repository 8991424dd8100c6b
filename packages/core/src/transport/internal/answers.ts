import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import type { Delivery } from "../Contract.ts"
import { type Envelope, type Fault, type FaultCode, InvalidPayload, Kind, Outcome, type Wire } from "../Wire.ts"
import type { Outlet } from "./Outlet.ts"
import type { Route } from "./table.ts"

/** What answers need of the gateway. */
export interface AnswersOwner {
  readonly maxFrameBytes: number
  readonly find: (connection: string) => RelayTarget | undefined
  /** Logs a defect; gives the reference under which it can be found. */
  readonly defect: (what: string, cause: Cause.Cause<unknown>, reference?: string) => string
  readonly reference: () => string
}
export interface RelayTarget {
  readonly relay: (route: Route, bytes: Uint8Array, from: string) => boolean
}

/** Turns what handlers come to into what is written: successes, declared errors, streams, deliveries, faults. */
export class Answers {
  private readonly outlet: Outlet
  private readonly owner: AnswersOwner

  constructor(outlet: Outlet, owner: AnswersOwner) {
    this.outlet = outlet
    this.owner = owner
  }

  /** A streamed answer, as an effect that writes it: the stream is pulled no faster than the connection takes it. */
  pump(route: Route, id: number, stream: Stream.Stream<unknown, unknown>): Effect.Effect<void, unknown> {
    const outlet = this.outlet
    const send = (items: ReadonlyArray<unknown>, from: number): Effect.Effect<void> => {
      const coder = route.success(outlet.wire as Wire)
      for (let i = from; i < items.length; i++) {
        const prepared = coder.prepare(items[i])
        if (prepared instanceof InvalidPayload) return Effect.die(wrong(`${route.message.name}: an item`, prepared))
        const took = outlet.write(Kind.item, id, 0, Outcome.success, prepared)
        if (took === "refused") return outlet.isGone ? Effect.interrupt : Effect.die(unsent)
        if (took === "full") {
          const rest = Effect.suspend(() => send(items, i + 1))
          return Effect.andThen(outlet.drained, rest)
        }
      }
      return Effect.void
    }
    return Stream.runForEachArray(stream, (items) => send(items, 0))
  }

  /** Answers for a handler that has come to its end; `reason` says why it was interrupted, where it was. */
  settle(route: Route, envelope: Envelope, exit: Exit.Exit<unknown, unknown>, reason: FaultCode | undefined): void {
    try {
      this.say(route, envelope, exit, reason)
    } catch (thrown) {
      // a value that nests too deeply to be written
      this.failed(route, envelope.id, Cause.die(thrown))
    }
  }

  private say(
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
    if (reason !== undefined) return this.gaveUp(route, id, reason)
    const error = Cause.findErrorOption(exit.cause)
    if (error._tag === "Some" && route.message.definition.error !== undefined) {
      const prepared = route.error(this.outlet.wire as Wire).prepare(error.value)
      if (!(prepared instanceof InvalidPayload)) return this.answer(route, Kind.response, id, Outcome.error, prepared)
    }
    if (this.outlet.isGone) return
    if (Cause.squash(exit.cause) === unsent) return this.unanswered(route, id)
    this.failed(route, id, exit.cause)
  }

  private failed(route: Route, id: number, cause: Cause.Cause<unknown>): void {
    const reference = this.owner.defect(route.message.name, cause)
    const message = "The server failed to handle this; its log knows more under the reference"
    this.fault(route, id, { code: "INTERNAL", message, reference })
  }

  gaveUp(route: Route, id: number, reason: FaultCode): void {
    this.fault(route, id, { code: reason, message: told[reason] ?? reason })
  }

  /** Requests are answered, also where they have no ids; of anything else without one a fault is told by itself. */
  fault(route: Route, id: number, fault: Fault): void {
    this.outlet.fault(id, fault, id !== 0 || route.message.kind === "request")
  }

  private succeed(route: Route, id: number, value: unknown): void {
    const prepared = route.success(this.outlet.wire as Wire).prepare(value)
    if (!(prepared instanceof InvalidPayload)) return this.answer(route, Kind.response, id, Outcome.success, prepared)
    const { name } = route.message
    const reference = this.owner.defect(name, Cause.die(wrong(`${name}: the answer`, prepared)))
    const message = "The server's answer was wrong; its log knows more under the reference"
    this.fault(route, id, { code: "INTERNAL", message, reference })
  }

  private answer(route: Route, kind: Kind, id: number, outcome: Outcome, prepared: unknown): void {
    const took = this.outlet.write(kind, id, 0, outcome, prepared)
    if (took === "refused" && !this.outlet.isGone) this.unanswered(route, id)
  }

  /** The transport did not take an answer: it is too large, which a fault can say, or nothing more is taken at all. */
  private unanswered(route: Route, id: number): void {
    const reference = this.owner.reference()
    const fault: Fault = {
      code: "INTERNAL",
      message: `The answer is larger than a frame may be, which is ${this.owner.maxFrameBytes} bytes`,
      reference
    }
    if (this.outlet.write(Kind.response, id, 0, Outcome.fault, fault) === "refused")
      return this.outlet.close(1013, "too slow for the answers it gets")
    this.owner.defect(route.message.name, Cause.die(new RangeError(fault.message)), reference)
  }

  /** Passes a relay's bytes on, as they came, under the name that the server vouches for. */
  private deliver(route: Route, envelope: Envelope, delivery: Delivery): void {
    const from = delivery.from ?? this.outlet.connection.id
    let taken = 0
    for (const to of delivery.to) {
      if (this.owner.find(to)?.relay(route, envelope.payload as Uint8Array, from) === true) taken++
    }
    const { id, peer } = envelope
    if (id === 0) return
    if (taken > 0) this.answer(route, Kind.response, id, Outcome.success, taken)
    else this.outlet.fault(id, { code: "NO_RECIPIENT", message: `Nobody took the relay to ${quoted(peer)}` })
  }
}

/** Says that a value of the server's own does not match its schema. */
export const wrong = (what: string, { defect, message, path }: InvalidPayload): TypeError =>
  new TypeError(`${what} does not match its schema${path.length === 0 ? "" : ` at "${path.join(".")}"`}: ${message}`, {
    cause: defect
  })

/** What a peer sent, short enough to send back. */
export const quoted = (text: number | string): string =>
  JSON.stringify(typeof text === "string" ? text.slice(0, 64) : text)

const told: { readonly [code in FaultCode]?: string } = {
  DEADLINE_EXCEEDED: "The handler did not finish before the deadline and was interrupted",
  CANCELLED: "Given up at the client's wish",
  UNAVAILABLE: "The server is shutting down: connect again later"
}
/** Stands for the cause where a stream could not be sent on. */
const unsent: unique symbol = Symbol("unsent")
