import * as Cause from "effect/Cause"
import type { Authenticated } from "../../auth/Auth.ts"
import type { FrameKind } from "../Transport.ts"
import { type Envelope, Kind, Outcome, type Wire, type WireSession } from "../Wire.ts"
import type { Asked } from "./Door.ts"
import type { Expiring } from "./deadlines.ts"
import * as Handshake from "./handshake.ts"
import type { Line } from "./Owner.ts"

/** What a connection does with what its greeting has come to. */
export interface Greeted extends Line {
  /** The wire is known. */
  readonly spoken: (wire: Wire) => void
  /** The credentials of the hello were good. */
  readonly admittedAs: (known: Authenticated, now: number) => void
  readonly open: () => void
}

/** How a connection begins: its first frame chooses the wire, the hello a version, and credentials in it are asked about. */
export class Greeting implements Expiring {
  private readonly line: Greeted
  private readonly tick: number
  /** takes back the question about the hello's credentials */
  private takeBack: (() => void) | undefined

  constructor(line: Greeted) {
    this.line = line
    this.tick = line.owner.deadlines.add(line.owner.limits.handshakeTimeoutMillis, this)
  }

  expire(): void {
    this.line.close(1002, "no hello in time")
  }

  choose(bytes: Uint8Array, start: number, end: number, kind: FrameKind): WireSession | undefined {
    const { wires } = this.line.owner
    for (const wire of wires) if (wire.accepts(bytes, start, end, kind)) return this.speak(wire)
    const names = wires.map((wire) => wire.name).join(", ")
    this.line.close(1002, `the first frame is of none of the wires ${names}`)
    return undefined
  }

  /** The connection stands: where there is one wire only, and it has no hello, the client may be one that only listens. */
  begun(): void {
    const [wire, other] = this.line.owner.wires
    if (wire?.hello === false && other === undefined) this.speak(wire)
  }

  private speak(wire: Wire): WireSession {
    const { outlet } = this.line
    const session = wire.make("server")
    outlet.wire = wire
    outlet.session = session
    this.line.spoken(wire)
    return session
  }

  hello(envelope: Envelope): void {
    const { connection, listener, outlet, owner, state } = this.line
    if (state !== "connecting") {
      return outlet.fault(0, { code: "UNSUPPORTED_KIND", message: "The hello has been said already" })
    }
    const answer = Handshake.answer(envelope, {
      connection: connection.id,
      maxFrameBytes: owner.maxFrameBytes,
      messages: owner.table.list(listener)
    })
    if (answer._tag === "Refused") {
      outlet.fault(0, answer.fault)
      if (answer.fault.code === "UNSUPPORTED_VERSION") this.line.close(1002, answer.fault.message)
      return
    }
    const door = owner.door()
    const shown = door?.shown(envelope.meta)
    if (door === undefined || shown === undefined) return this.greet(answer.payload)
    // what follows waits for the answer, as it does for a handler
    outlet.hold()
    this.takeBack = door.ask(shown, connection.peer, (asked) => this.asked(asked, answer.payload))
  }

  private asked(asked: Asked, hello: object): void {
    const { line } = this
    this.takeBack = undefined
    if (line.state === "closed") return
    if (asked._tag === "Refused") {
      line.outlet.fault(0, asked.fault)
      return line.close(1008, asked.fault.message)
    }
    if (asked.known !== undefined) line.admittedAs(asked.known, asked.now)
    this.greet(hello)
    line.outlet.release()
  }

  private greet(hello: object): void {
    const { outlet, owner } = this.line
    if (outlet.write(Kind.hello, 0, 0, Outcome.success, hello) === "refused") {
      const much = `The hello, which lists every message, is larger than a frame may be (${owner.maxFrameBytes} bytes): allow more, or serve less`
      owner.defect("hello", Cause.die(new RangeError(much)))
      return this.line.close(1011, "the hello is larger than a frame may be")
    }
    this.line.open()
  }

  /** The connection is open, or closed: it has all the time there is. */
  done(): void {
    this.line.owner.deadlines.remove(this.tick, this)
    this.takeBack?.()
    this.takeBack = undefined
  }
}
