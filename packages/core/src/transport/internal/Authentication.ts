import type { Authenticated } from "../../auth/Auth.ts"
import type { Callers } from "./Callers.ts"
import type { Hooks } from "./Hooks.ts"
import type { Identity } from "./Identity.ts"
import type { Line } from "./Owner.ts"

/** How a connection becomes somebody's, and nobody's again: its identity, its state, and who hears of the change. */
export class Authentication {
  private readonly line: Line
  private readonly identity: Identity
  private readonly callers: Callers
  private readonly hooks: Hooks

  constructor(line: Line, identity: Identity, callers: Callers, hooks: Hooks) {
    this.line = line
    this.identity = identity
    this.callers = callers
    this.hooks = hooks
  }

  become(known: Authenticated, now: number): void {
    if (this.line.state === "closed") return
    this.forget()
    this.identity.set(known, now)
    this.callers.clear()
    // before the hello there is no such step: it follows with the opening
    if (this.line.state === "open") this.stepIn()
  }

  forget(): void {
    if (this.line.state === "authenticated") {
      this.hooks.signedOut()
      this.line.step("authenticated", "open")
    }
    this.identity.clear()
    this.callers.clear()
  }

  /** The connection has opened: takes the step where somebody has been admitted before. */
  opened(): void {
    if (this.identity.current !== undefined) this.stepIn()
  }

  /** Whether it is known by the session or the API token of this id. */
  restsOn(id: string): boolean {
    const { current } = this.identity
    return current !== undefined && (current.session === id || current.token === id)
  }

  private stepIn(): void {
    this.line.step("open", "authenticated")
    this.hooks.authenticated()
  }
}
