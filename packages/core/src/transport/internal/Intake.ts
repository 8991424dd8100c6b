import type * as Observers from "../Observers.ts"
import { type Envelope, type Fault, type FaultCode, Kind } from "../Wire.ts"
import { quoted } from "./answers.ts"
import { Lanes, type Work } from "./Lanes.ts"
import { readMeta } from "./meta.ts"
import type { Line, Owner } from "./Owner.ts"
import { refusal, refused } from "./refusal.ts"
import { isServedOn, type Route } from "./table.ts"

/** Takes the messages of one connection: finds what each is for, and hands it to the lanes, which keep the order. */
export class Intake {
  readonly lanes: Lanes
  /** a message was taken, which names allow before the hello: what it began must hear of the end */
  used = false
  private readonly line: Line
  private readonly owner: Owner

  constructor(line: Line, work: Work) {
    this.line = line
    this.owner = line.owner
    this.lanes = new Lanes(work, line.owner)
  }

  /** Says why a frame is not handled; where answers are told apart by their order, when its turn has come. */
  refuse(id: number, code: FaultCode, message: string, isRequest: boolean): void {
    const fault: Fault = { code, message }
    if (!this.lanes.ordered || !isRequest) return this.line.outlet.fault(id, fault)
    this.lanes.accept(refusal, refused(id, fault), Number.POSITIVE_INFINITY)
  }

  accept(envelope: Envelope): void {
    const { id, kind, message } = envelope
    const { line, owner } = this
    const { wire } = line.outlet
    const isRequest = kind === Kind.request
    const route = owner.table.find(message)
    if (
      route === undefined ||
      !isServedOn(route.implementation, line.listener) ||
      kindOf[route.message.kind] !== kind
    ) {
      const missing = `There is no ${nameOf(kind)} ${quoted(message)} here; the hello lists what there is`
      return this.refuse(id, "UNKNOWN_MESSAGE", missing, isRequest)
    }
    if (id === 0 && isRequest && wire?.correlation === "id") {
      const lost = `The request ${route.message.name} has no id: its answer could not be told from others`
      return line.outlet.fault(0, { code: "MALFORMED_FRAME", message: lost })
    }
    if (line.state === "connecting" && wire?.numbered === true) {
      const early = "Say hello first: the numbers of messages are not known before"
      return this.refuse(id, "UNKNOWN_MESSAGE", early, isRequest)
    }
    if (line.state === "draining") {
      return this.refuse(id, "UNAVAILABLE", "The server is shutting down: connect again later", isRequest)
    }
    if (id !== 0 && this.lanes.has(id)) {
      return line.outlet.fault(0, { code: "DUPLICATE_ID", message: `The id ${id} is in use until it is answered` })
    }
    let deadline = route.deadlineMillis
    if (envelope.meta !== undefined) {
      const read = readMeta(envelope.meta, owner.limits.maxDeadlineMillis)
      if (typeof read === "string") return this.refuse(id, "UNSUPPORTED_META", read, isRequest)
      deadline = read ?? deadline
    }
    this.used = true
    if (owner.observers.message.size > 0) this.tellOf(route)
    this.lanes.accept(route, envelope, deadline)
  }

  private tellOf({ message }: Route): void {
    const kind = message.kind as Observers.MessageSeen["kind"]
    const seen = { ...this.line.observed, message: message.name, kind }
    for (const observer of this.owner.observers.message) observer(seen)
  }
}

const kindOf = {
  request: Kind.request,
  call: Kind.call,
  signal: Kind.signal,
  event: Kind.event,
  relay: Kind.relay
} as const
const nameOf = (kind: Kind): string => (kind === Kind.request ? "request" : kind === Kind.signal ? "signal" : "relay")
