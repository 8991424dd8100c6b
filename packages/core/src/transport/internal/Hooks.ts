import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Callers } from "./Callers.ts"
import type { Identity } from "./Identity.ts"
import type { Line } from "./Owner.ts"
import { isServedOn, type Served } from "./table.ts"

/** Runs the hooks of the contracts that are served to one connection. Nobody waits for them; what fails is logged. */
export class Hooks {
  private readonly line: Line
  private readonly callers: Callers
  private readonly identity: Identity

  constructor(line: Line, callers: Callers, identity: Identity) {
    this.line = line
    this.callers = callers
    this.identity = identity
  }

  opened(): void {
    this.ofAll("opened")
  }
  closed(): void {
    this.ofAll("closed")
  }
  authenticated(): void {
    this.ofFitting("authenticated")
  }
  signedOut(): void {
    this.ofFitting("signedOut")
  }

  private ofAll(hook: "opened" | "closed"): void {
    for (const served of this.line.owner.served()) {
      const run = served.hooks[hook]
      if (run === undefined || !isServedOn(served, this.line.listener)) continue
      this.background(served, hook, () => run(this.callers.of(served) as never))
    }
  }

  /** Of the contracts that take the principal. The caller is made now: it shows the principal of now. */
  private ofFitting(hook: "authenticated" | "signedOut"): void {
    for (const served of this.line.owner.served()) {
      const run = served.hooks[hook]
      if (run === undefined || !isServedOn(served, this.line.listener) || !this.identity.fits(served)) continue
      const caller = this.callers.of(served)
      this.background(served, hook, () => run(caller as never))
    }
  }

  /** Runs in the implementation's context. */
  private background(served: Served, hook: string, make: () => Effect.Effect<void, never, unknown>): void {
    const fiber = served.run(Effect.suspend(make) as Effect.Effect<void>)
    fiber.addObserver((exit) => {
      if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause))
        this.line.owner.defect(`${served.contract.name}: ${hook}`, exit.cause)
    })
  }
}
