import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Authenticated } from "../../auth/Auth.ts"
import type { Session } from "../../auth/Session.ts"
import type { SendResult } from "../Transport.ts"
import { InvalidPayload, Kind, Outcome } from "../Wire.ts"
import { wrong } from "./answers.ts"
import { authenticatedBy } from "./Door.ts"
import type { Identity } from "./Identity.ts"
import type { Line } from "./Owner.ts"
import type { Served } from "./table.ts"

/** A connection whose handlers may change who it belongs to. */
export interface CallersLine extends Line {
  readonly become: (known: Authenticated, now: number) => void
  readonly forget: () => void
}

/** The connection as handlers see it: one value for each contract, until the principal changes. */
export class Callers {
  private readonly line: CallersLine
  private readonly identity: Identity
  private readonly made = new Map<Served, unknown>()

  constructor(line: CallersLine, identity: Identity) {
    this.line = line
    this.identity = identity
  }

  of(served: Served): unknown {
    let caller = this.made.get(served)
    if (caller === undefined) {
      const { connection } = this.line
      caller = {
        connection: { id: connection.id, peer: connection.peer },
        emit: (tag: string, payload: unknown) => this.emit(`${served.contract.name}.${tag}`, payload),
        close: (code: number, reason: string) => this.line.close(code, reason),
        ...(served.auth === undefined ? undefined : this.authPart(served))
      }
      this.made.set(served, caller)
    }
    return caller
  }

  clear(): void {
    this.made.clear()
  }

  /** The principal is that of now: what runs keeps it, also when the connection becomes somebody else's. */
  private authPart(served: Served): object {
    return {
      principal: this.identity.fits(served) ? this.identity.as(served) : undefined,
      session: this.identity.current?.session,
      authenticate: (session: Session) =>
        Effect.map(Clock.currentTimeMillis, (now) => this.line.become(authenticatedBy(session), now)),
      signOut: Effect.sync(() => this.line.forget())
    }
  }

  private emit(name: string, payload: unknown): SendResult {
    const { outlet, owner } = this.line
    const route = owner.table.find(name)
    const { wire } = outlet
    if (route === undefined || wire === undefined) return "refused"
    let result: SendResult
    try {
      const prepared = route.payload(wire).prepare(payload)
      if (prepared instanceof InvalidPayload) throw wrong(`${name}: the event`, prepared)
      result = outlet.write(Kind.event, 0, wire.numbered ? route.number : name, Outcome.success, prepared)
    } catch (thrown) {
      owner.defect(name, Cause.die(thrown))
      return "refused"
    }
    if (result === "refused" && route.message.definition.whenSlow !== "drop")
      this.line.close(1013, "too slow for the events it gets")
    return result
  }
}
