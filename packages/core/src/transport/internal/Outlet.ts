import * as Effect from "effect/Effect"
import type { CloseCode, Connection, SendResult } from "../Transport.ts"
import { type Fault, Kind, type Meta, Outcome, type Wire, type WireSession } from "../Wire.ts"

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
 * What goes out on one connection, and whether more is read from it: a peer that does not read is not read from either,
 * so that it cannot make the server pile up answers.
 */
export class Outlet {
  readonly connection: Connection
  wire: Wire | undefined
  session: WireSession | undefined
  /** set by the connection's owner: nothing is written any more */
  closed = false
  /** waits until the queue is below its high-water mark */
  readonly drained: Effect.Effect<void>
  private closing = false
  /** the outgoing queue is over its high-water mark */
  private choked = false
  private waiters: Array<() => void> = []
  private held = 0
  // everything is written from one object: wires do not keep it
  private readonly out: Scratch = {
    kind: Kind.response,
    id: 0,
    message: 0,
    outcome: Outcome.success,
    payload: undefined,
    meta: undefined,
    peer: ""
  }

  constructor(connection: Connection) {
    this.connection = connection
    this.drained = Effect.callback((resume) => {
      if (this.choked) this.waiters.push(() => resume(Effect.void))
      else resume(Effect.void)
    })
  }

  write(kind: Kind, id: number, message: number | string, outcome: Outcome, payload: unknown, peer = ""): SendResult {
    if (this.session === undefined || this.closed) return "refused"
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

  /** Says what went wrong, as the answer to a request where there is one. */
  fault(id: number, fault: Fault, isAnswer = id !== 0): void {
    const result = isAnswer
      ? this.write(Kind.response, id, 0, Outcome.fault, fault)
      : this.write(Kind.control, 0, 0, Outcome.success, { type: "fault", fault })
    if (result === "refused") this.close(1013, "too slow for the answers it gets")
  }

  close(code: CloseCode, reason: string): void {
    this.closing = true
    this.connection.close(code, reason)
  }

  /** Closed, or about to be. */
  get isGone(): boolean {
    return this.closing || this.closed
  }

  /** Reading pauses while anybody holds. */
  hold(): void {
    if (this.held++ === 0) this.connection.pause()
  }
  release(): void {
    if (--this.held === 0 && !this.closed) this.connection.resume()
  }

  onDrain(): void {
    this.wake()
    if (!this.choked) return
    this.choked = false
    this.release()
  }

  /** Lets go of all who wait for room. */
  wake(): void {
    const waiters = this.waiters
    this.waiters = []
    for (const resume of waiters) resume()
  }
}
