/**
 * Makes guessing slow: counts the failures of each (account, address) and lets the next try wait longer each time. An
 * attacker locks out himself: the same account from another address is not touched.
 *
 * Tries count from their beginning, so that a burst gets no more of them than a sequence: of 200 at once, exactly `free`
 * are evaluated. One that is interrupted counts as failed, or hanging up would be a way to guess for nothing.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { Turn } from "../app/Turn.ts"
import { AuthenticationFailed, failed } from "./AuthError.ts"
import { attemptKey } from "./internal/attemptKey.ts"

/** What is tried: as whom, from where, by which method (for the message). */
export interface Attempt {
  /** In the form in which two spellings of one account are equal. */
  readonly account: string
  readonly address: string
  readonly method: string
}

/** `void`: it could not be evaluated, and is as if it had not been. */
export type Outcome = "succeeded" | "failed" | "void"

export class Lockout extends Context.Service<
  Lockout,
  {
    /** Takes a place for one try, or fails with `locked` and when to come back. What it gives ends the try, once. */
    readonly begin: (attempt: Attempt) => Effect.Effect<(outcome: Outcome) => Effect.Effect<void>, AuthenticationFailed>
  }
>()("@mortise/core/auth/Lockout") {}

export interface Options {
  /** Failures before the first delay: 5. */
  readonly free?: number
  /** The first delay, in milliseconds; it doubles with each failure: 1 000. */
  readonly delayMillis?: number
  /** The longest delay, in milliseconds: 900 000, which is 15 minutes. */
  readonly maxDelayMillis?: number
  /** Failures are forgotten so long after the last one, in milliseconds: 3 600 000. */
  readonly forgetMillis?: number
  /**
   * Pairs that are kept: 100 000. Beyond it the pair whose last failure is the longest ago is forgotten; where all of them
   * are being tried, further tries are refused.
   */
  readonly maxEntries?: number
}

interface Entry {
  failures: number
  trying: number
  /** on the clock of `Turn`, which does not jump */
  blockedUntil: number
  last: number
}

const make = Effect.fnUntraced(function* (options: Options) {
  const turn = yield* Turn
  const free = options.free ?? 5
  const delay = options.delayMillis ?? 1000
  const maxDelay = options.maxDelayMillis ?? 900_000
  const forget = options.forgetMillis ?? 3_600_000
  const maxEntries = options.maxEntries ?? 100_000
  // in the order of the last touch: the first is who is forgotten first
  const entries = new Map<string, Entry>()

  const locked = ({ account, method }: Attempt, retryAfterMillis: number) =>
    failed(method, "locked", { account, retryAfterMillis: Math.ceil(retryAfterMillis) })

  const makeRoom = (): boolean => {
    for (const [key, { trying }] of entries) {
      if (trying > 0) continue
      entries.delete(key)
      return true
    }
    return false
  }

  const begin = (attempt: Attempt): ((outcome: Outcome) => void) | AuthenticationFailed => {
    const key = attemptKey(attempt.account, attempt.address)
    const now = turn.now()
    let entry = entries.get(key)
    if (entry !== undefined && entry.trying === 0 && now - entry.last > forget) {
      entries.delete(key)
      entry = undefined
    }
    if (entry === undefined) {
      if (entries.size >= maxEntries && !makeRoom()) return locked(attempt, delay)
      entry = { failures: 0, trying: 0, blockedUntil: 0, last: now }
      entries.set(key, entry)
    }
    if (now < entry.blockedUntil) return locked(attempt, entry.blockedUntil - now)
    if (entry.trying >= Math.max(1, free - entry.failures)) return locked(attempt, delay)
    entry.trying++
    const mine = entry
    return (outcome) => end(key, mine, outcome)
  }

  const end = (key: string, entry: Entry, outcome: Outcome): void => {
    entry.trying--
    if (outcome === "succeeded") {
      entry.failures = 0
      entry.blockedUntil = 0
    } else if (outcome === "failed") {
      const now = turn.now()
      entry.failures++
      entry.last = now
      if (entry.failures >= free)
        entry.blockedUntil = now + Math.min(maxDelay, delay * 2 ** Math.min(30, entry.failures - free))
    }
    entries.delete(key)
    if (entry.failures > 0 || entry.trying > 0) entries.set(key, entry)
  }

  return Lockout.of({
    begin: (attempt) =>
      Effect.suspend(() => {
        const begun = begin(attempt)
        if (begun instanceof AuthenticationFailed) return Effect.fail(begun)
        return Effect.succeed((outcome) => Effect.sync(() => begun(outcome)))
      })
  })
})

/** Counts in memory, for one process, on a clock that does not jump. */
export const layer = (options: Options = {}): Layer.Layer<Lockout> => Layer.effect(Lockout, make(options))

/**
 * Evaluates `check` where the lockout lets it. Its `AuthenticationFailed` counts as a failure, and so does its
 * interruption; other errors, such as a store that is down, do not count.
 */
export const attempt = <A, E, R>(
  about: Attempt,
  check: Effect.Effect<A, E, R>
): Effect.Effect<A, E | AuthenticationFailed, R | Lockout> =>
  Effect.flatMap(Lockout, ({ begin }) =>
    Effect.acquireUseRelease(
      begin(about),
      () => check,
      (end, exit) => end(outcomeOf(exit))
    )
  )

const outcomeOf = (exit: Exit.Exit<unknown, unknown>): Outcome => {
  if (Exit.isSuccess(exit)) return "succeeded"
  const error = Cause.findErrorOption(exit.cause)
  if (error._tag === "Some") return counts(error.value) ? "failed" : "void"
  return Cause.hasInterrupts(exit.cause) ? "failed" : "void"
}

/** What was shown was looked at and found wrong. */
const counts = (error: unknown): boolean =>
  error instanceof AuthenticationFailed && error.reason !== "overloaded" && error.reason !== "locked"
