import type { Check } from "@mortise/core/app/Health"
import * as Log from "@mortise/core/app/Log"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

export interface WatchOptions {
  readonly intervalMillis: number
  readonly timeLimitMillis: number
}

/** Longer texts are cut: a reason is a sentence. */
const LONGEST = 300
/** Room for the words that say how long a text was that is cut. */
const CUT = 40
const oneLine = (text: string): string =>
  text
    .slice(0, 10 * LONGEST)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim()

/** One check and what came of it last. */
export class CheckWatch {
  readonly name: string
  status: "pending" | "ok" | "failed" = "pending"
  /** Why it failed; without secrets. */
  problem: string | undefined
  /** When the status became what it is, in milliseconds since 1970. */
  since = 0
  /** Done once the check has ended, or was late, for the first time. */
  readonly first = Deferred.makeUnsafe<void>()
  private readonly check: Check
  private readonly options: WatchOptions
  private broken: string | undefined

  constructor(check: Check, options: WatchOptions) {
    this.name = check.name
    this.check = check
    this.options = options
  }

  /** Runs the check again and again, one run at a time. */
  get forever(): Effect.Effect<never> {
    return Effect.forever(Effect.andThen(this.once, Effect.sleep(this.options.intervalMillis)))
  }

  private readonly once: Effect.Effect<void> = Effect.suspend(() => {
    const { timeLimitMillis } = this.options
    // apart: one that cannot be interrupted must hold up neither the answer nor the end of the app
    return Effect.flatMap(Effect.forkDetach(this.check.check, { startImmediately: true }), (fiber) => {
      const late = Effect.as(Effect.sleep(timeLimitMillis), undefined)
      return Effect.raceFirst(Fiber.await(fiber), late).pipe(
        Effect.flatMap((exit) => {
          if (exit !== undefined) return this.ended(exit)
          fiber.interruptUnsafe()
          const told = this.failed(`It did not answer within ${timeLimitMillis} ms.`)
          // a second run beside one that hangs would make things worse
          return Effect.andThen(told, Effect.asVoid(Fiber.await(fiber)))
        }),
        Effect.onInterrupt(() => Effect.sync(() => fiber.interruptUnsafe()))
      )
    })
  })

  private ended(exit: Exit.Exit<void, { readonly problem: string }>): Effect.Effect<void> {
    if (Exit.isSuccess(exit)) return this.passed
    const error = Cause.findErrorOption(exit.cause)
    if (error._tag === "None") return this.brokeWith(exit.cause)
    // a check is to say nothing secret; an error of a driver, passed on as it came, may
    return Effect.flatMap(Log.clean(oneLine(error.value.problem), LONGEST - CUT), (problem) => this.failed(problem))
  }

  private readonly passed: Effect.Effect<void> = Effect.suspend(() => {
    const before = this.status
    this.broken = undefined
    this.problem = undefined
    const news = before === "failed" ? Effect.logInfo(`The check ${this.name} passes again`) : Effect.void
    return Effect.andThen(this.become("ok"), news)
  })

  private failed(problem: string): Effect.Effect<void> {
    const isNews = this.problem !== problem
    this.problem = problem
    const news = isNews ? Effect.logWarning(`The check ${this.name} fails: ${problem}`) : Effect.void
    return Effect.andThen(this.become("failed"), news)
  }

  /** A bug of the check: what it says is for the log only. Told once, not at every run. */
  private brokeWith(cause: Cause.Cause<unknown>): Effect.Effect<void> {
    if (this.broken !== undefined) return this.failed(this.broken)
    const reference = crypto.randomUUID()
    this.broken = `The check itself broke. The log has it under ${reference}.`
    const news = Effect.logError(`The check ${this.name} broke (reference ${reference})`, cause)
    return Effect.andThen(news, this.failed(this.broken))
  }

  private become(status: "ok" | "failed"): Effect.Effect<void> {
    return Effect.map(Clock.currentTimeMillis, (now) => {
      if (this.status !== status) this.since = now
      this.status = status
      Deferred.doneUnsafe(this.first, Exit.void)
    })
  }
}
