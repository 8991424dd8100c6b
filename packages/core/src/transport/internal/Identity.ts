import type { TurnShape } from "../../app/Turn.ts"
import type { Authenticated } from "../../auth/Auth.ts"
import type { Fault } from "../Wire.ts"
import { misfit } from "./Guard.ts"
import type { Route, Served } from "./table.ts"

/** Who is at the other end of a connection, and as whom each contract sees it. */
export class Identity {
  private readonly turn: TurnShape
  private known: Authenticated | undefined
  /** on the clock of `Turn`, so that a clock that is set back makes nothing last longer */
  private until = Number.POSITIVE_INFINITY
  /** made when it is needed: most connections have nobody to show */
  private seen: Map<Served, unknown> | undefined
  /** called when the time of what is known is over */
  private readonly expired: () => void

  constructor(turn: TurnShape, expired: () => void) {
    this.turn = turn
    this.expired = expired
  }

  get current(): Authenticated | undefined {
    if (this.known !== undefined && this.turn.now() >= this.until) {
      // once: whoever takes leave of the principal still reads it here
      this.until = Number.POSITIVE_INFINITY
      this.expired()
    }
    return this.known
  }

  /** `now` is the time of day, in milliseconds since the epoch. */
  set(known: Authenticated, now: number): void {
    this.known = known
    this.until = known.expiresAt === undefined ? Number.POSITIVE_INFINITY : this.turn.now() + known.expiresAt - now
    this.seen = undefined
  }

  clear(): void {
    this.known = undefined
    this.until = Number.POSITIVE_INFINITY
    this.seen = undefined
  }

  /** The principal in the form that a contract asks for; `misfit` where it has not that form. */
  as(served: Served): unknown {
    const { current } = this
    if (current === undefined) return undefined
    this.seen ??= new Map()
    if (!this.seen.has(served)) this.seen.set(served, served.see(current.principal))
    return this.seen.get(served)
  }

  /** Whether a contract takes the principal. */
  fits(served: Served): boolean {
    return served.auth !== undefined && this.current !== undefined && this.as(served) !== misfit
  }

  refuses(route: Route): Fault | undefined {
    return route.guard?.refuses(this.current?.principal, this.as(route.implementation))
  }
}
