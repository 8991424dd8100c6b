import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type * as Stream from "effect/Stream"
import { type Envelope, type Fault, type FaultCode, InvalidPayload, Kind, type Wire } from "../Wire.ts"
import { Answers } from "./answers.ts"
import type { Callers } from "./Callers.ts"
import type { Identity } from "./Identity.ts"
import type { Work } from "./Lanes.ts"
import type { Outlet } from "./Outlet.ts"
import type { Line, Owner } from "./Owner.ts"
import { refusal } from "./refusal.ts"
import { badPayload, type Route } from "./table.ts"

/** Handles the messages of one connection whose turn has come: reads the payload, runs the handler, answers. */
export class Handling implements Work {
  private readonly owner: Owner
  private readonly outlet: Outlet
  private readonly answers: Answers
  private readonly identity: Identity
  private readonly callers: Callers

  constructor({ outlet, owner }: Line, identity: Identity, callers: Callers) {
    this.owner = owner
    this.outlet = outlet
    this.answers = new Answers(outlet, owner)
    this.identity = identity
    this.callers = callers
  }

  keep(envelope: Envelope): Envelope {
    return this.outlet.session?.keep?.(envelope) ?? envelope
  }

  begin(route: Route, envelope: Envelope): Effect.Effect<unknown, unknown> | undefined {
    const { id, kind, payload, peer } = envelope
    if (route === refusal) return void this.outlet.fault(id, payload as Fault, true)
    if (route.guard !== undefined) {
      const refused = this.identity.refuses(route)
      if (refused !== undefined) return void this.answers.fault(route, id, refused)
    }
    let input: unknown
    if (kind === Kind.relay) input = { to: peer, size: (payload as Uint8Array).length }
    else {
      input = route.payload(this.outlet.wire as Wire).read(payload)
      if (input instanceof InvalidPayload) {
        if (input.defect !== undefined) return Exit.die(input.defect)
        return void this.answers.fault(route, id, badPayload(route.message, input))
      }
    }
    try {
      const given = route.handler(input, this.callers.of(route.implementation))
      return route.streams
        ? this.answers.pump(route, id, given as Stream.Stream<unknown, unknown>)
        : (given as Effect.Effect<unknown, unknown>)
    } catch (thrown) {
      return Exit.die(thrown)
    }
  }

  run({ implementation }: Route, effect: Effect.Effect<unknown, unknown>): Fiber.Fiber<unknown, unknown> {
    const { chain } = this.owner.observers
    return chain === undefined ? implementation.run(effect) : implementation.runWithin(chain(), effect)
  }

  settle(route: Route, envelope: Envelope, exit: Exit.Exit<unknown, unknown>, reason: FaultCode | undefined): void {
    this.answers.settle(route, envelope, exit, reason)
  }

  outlived(route: Route, exit: Exit.Exit<unknown, unknown>): void {
    // a declared error is no news, a bug is: nobody is left to tell, but for the log
    if (Exit.isFailure(exit) && Cause.hasDies(exit.cause)) this.owner.defect(route.message.name, exit.cause)
  }

  gaveUp(route: Route, id: number, reason: FaultCode): void {
    this.answers.gaveUp(route, id, reason)
  }

  hold(): void {
    this.outlet.hold()
  }
  release(): void {
    this.outlet.release()
  }
}
