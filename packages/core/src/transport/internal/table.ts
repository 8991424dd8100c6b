import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { Auth } from "../../auth/Auth.ts"
import type { Principal } from "../../auth/Principal.ts"
import type { Correlation } from "../../events/Correlation.ts"
import type { Any, Implementation, Message } from "../Contract.ts"
import type { Fault, InvalidPayload, PayloadCoder, Wire } from "../Wire.ts"
import { coderFor } from "./coder.ts"
import { type Guard, guardOf } from "./Guard.ts"

/** The fault for a payload that does not match. */
export const badPayload = (message: Message, { malformed, message: problem, path }: InvalidPayload): Fault => {
  if (malformed) return { code: "MALFORMED_FRAME", message: `The payload of ${message.name} is broken: ${problem}` }
  const where = path.length === 0 ? "" : ` at "${path.join(".")}"`
  return { code: "BAD_PAYLOAD", message: `${message.name} got a wrong payload${where}: ${problem}`, path }
}

/** One served message: what the gateway knows of it, compiled. */
export class Route {
  readonly message: Message
  readonly number: number
  readonly implementation: Served
  readonly handler: (payload: unknown, caller: unknown) => unknown
  /** 0: one after another with everything else of the connection */
  readonly concurrency: number
  readonly detached: boolean
  readonly streams: boolean
  readonly deadlineMillis: number
  /** undefined: everybody may */
  readonly guard: Guard | undefined
  private readonly coders = new Map<Wire, Coders>()
  // a connection's messages come in one wire, and so, mostly, do all: the last one's coders need no look-up
  private wire: Wire | undefined
  private last: Coders = {}

  constructor(message: Message, number: number, implementation: Served, deadlineMillis: number) {
    const { concurrency, deadline, detached, stream } = message.definition
    this.message = message
    this.guard = guardOf(message)
    this.number = number
    this.implementation = implementation
    this.handler = (implementation.handlers[message.tag] ?? missing) as Route["handler"]
    this.concurrency = concurrency ?? 0
    this.detached = detached ?? false
    this.streams = stream ?? false
    // a stream may last as long as its connection, unless its message or the client says otherwise
    const otherwise = this.streams ? Number.POSITIVE_INFINITY : deadlineMillis
    this.deadlineMillis = deadline === undefined ? otherwise : Duration.toMillis(deadline)
  }

  payload(wire: Wire): PayloadCoder {
    const coders = this.of(wire)
    return (coders.payload ??= coderFor(wire, this.message.payload))
  }
  success(wire: Wire): PayloadCoder {
    const coders = this.of(wire)
    return (coders.success ??= coderFor(wire, this.message.definition.success))
  }
  error(wire: Wire): PayloadCoder {
    const coders = this.of(wire)
    return (coders.error ??= coderFor(wire, this.message.definition.error))
  }
  private of(wire: Wire): Coders {
    if (wire === this.wire) return this.last
    let coders = this.coders.get(wire)
    if (coders === undefined) this.coders.set(wire, (coders = {}))
    this.wire = wire
    this.last = coders
    return coders
  }
}
interface Coders {
  payload?: PayloadCoder
  success?: PayloadCoder
  error?: PayloadCoder
}
const missing = () => Effect.die("this message has no handler")

/** An implementation with the context that its handlers run in. */
export interface Served extends Implementation<never> {
  /** Names of the listeners it is served on; all where undefined. */
  readonly on: ReadonlySet<string> | undefined
  /** Who says who callers are; undefined where the contract does not ask. */
  readonly auth: Auth["Service"] | undefined
  /** A principal in the form that the contract's handlers see. */
  readonly see: (principal: Principal) => unknown
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
  /** The same, within a chain of events. */
  readonly runWithin: <A, E>(chain: Correlation, effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
}

/** All messages that a gateway serves, by number and by name. Numbers begin at 1 and never change once given. */
export class Table {
  private readonly byNumber: Array<Route | undefined> = [undefined]
  private readonly byName = new Map<string, Route>()

  add(served: Served, deadlineMillis: number): void {
    for (const message of served.contract.messages) {
      if (this.byName.has(message.name)) throw new ContractClash(served.contract, message)
    }
    for (const message of served.contract.messages) {
      const route = new Route(message, this.byNumber.length, served, deadlineMillis)
      this.byNumber.push(route)
      this.byName.set(message.name, route)
    }
  }

  find(message: number | string): Route | undefined {
    return typeof message === "number" ? this.byNumber[message] : this.byName.get(message)
  }

  /** What a hello lists for the connections of one listener. */
  list(listener: string): ReadonlyArray<readonly [number: number, kind: string, name: string]> {
    const rows: Array<readonly [number, string, string]> = []
    for (const route of this.byNumber) {
      if (route !== undefined && isServedOn(route.implementation, listener))
        rows.push([route.number, route.message.kind, route.message.name])
    }
    return rows
  }
}

export const isServedOn = (served: Served, listener: string): boolean =>
  served.on === undefined || served.on.has(listener)

class ContractClash extends TypeError {
  constructor(contract: Any, message: Message) {
    super(
      `Two contracts named "${contract.name}" are served, and both have "${message.tag}": give one of them another name`
    )
  }
}
