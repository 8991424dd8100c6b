import * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Outcome, Traffic } from "../Traffic.ts"
import type { Envelope, FaultCode } from "../Wire.ts"
import type { Work } from "./Lanes.ts"
import { refusal } from "./refusal.ts"
import type { Route } from "./table.ts"

/** Handling whose outcomes and times are counted. It stands only where somebody wants to know. */
export class CountedWork implements Work {
  private readonly inner: Work
  private readonly traffic: Traffic
  private readonly now: () => number
  /** when what was begun last began: lanes run it in the same breath */
  private begun = 0

  constructor(inner: Work, traffic: Traffic, now: () => number) {
    this.inner = inner
    this.traffic = traffic
    this.now = now
  }

  begin(route: Route, envelope: Envelope): Effect.Effect<unknown, unknown> | undefined {
    this.begun = this.now()
    const answer = this.inner.begin(route, envelope)
    if (answer === undefined) {
      if (route !== refusal) this.traffic.handler(route.message.name).outcomes.refused++
    } else if (Exit.isExit(answer)) this.ended(route, this.begun, answer)
    return answer
  }

  run(route: Route, effect: Effect.Effect<unknown, unknown>): Fiber.Fiber<unknown, unknown> {
    const { begun } = this
    const fiber = this.inner.run(route, effect)
    const exit = fiber.pollUnsafe()
    if (exit === undefined) fiber.addObserver((exit) => this.ended(route, begun, exit))
    else this.ended(route, begun, exit)
    return fiber
  }

  private ended(route: Route, begun: number, exit: Exit.Exit<unknown, unknown>): void {
    const handler = this.traffic.handler(route.message.name)
    handler.outcomes[outcomeOf(route, exit)]++
    if (!route.streams) handler.took((this.now() - begun) / 1000)
  }

  settle(route: Route, envelope: Envelope, exit: Exit.Exit<unknown, unknown>, reason: FaultCode | undefined): void {
    this.inner.settle(route, envelope, exit, reason)
  }
  outlived(route: Route, exit: Exit.Exit<unknown, unknown>): void {
    this.inner.outlived(route, exit)
  }
  gaveUp(route: Route, id: number, reason: FaultCode): void {
    this.traffic.handler(route.message.name).outcomes.interrupted++
    this.inner.gaveUp(route, id, reason)
  }
  keep(envelope: Envelope): Envelope {
    return this.inner.keep(envelope)
  }
  hold(): void {
    this.inner.hold()
  }
  release(): void {
    this.inner.release()
  }
}

const outcomeOf = (route: Route, exit: Exit.Exit<unknown, unknown>): Outcome => {
  if (Exit.isSuccess(exit)) return "success"
  if (Cause.hasInterruptsOnly(exit.cause)) return "interrupted"
  return Cause.hasFails(exit.cause) && route.message.definition.error !== undefined ? "error" : "defect"
}
