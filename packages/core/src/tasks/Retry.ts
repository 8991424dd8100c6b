/** When a task that failed is tried again: a policy that is data, so that it can be shown, compared and configured. */
import * as Duration from "effect/Duration"

/** The delay before the n-th further try is `delay × factor^(n-1)`, at most `maxDelay`, off by up to `jitter` of itself. */
export interface RetryPolicy {
  /** How often the task is run at most, the first time included; default 3. A run whose worker died counts. */
  readonly tries?: number
  /** Before the second run; default 1 second. */
  readonly delay?: Duration.Input
  /** What each further delay is multiplied by; default 2. With 1 all delays are the same. */
  readonly factor?: number
  /** Default 1 hour. */
  readonly maxDelay?: Duration.Input
  /** Part of the delay, 0 to 1, by which it is randomly shortened or prolonged; default 0.1. */
  readonly jitter?: number
}

/** A policy with its defaults filled in; delays in milliseconds. */
export interface Retry {
  readonly tries: number
  readonly delayMillis: number
  readonly factor: number
  readonly maxDelayMillis: number
  readonly jitter: number
}

const millis = (input: Duration.Input | undefined, otherwise: number): number =>
  input === undefined ? otherwise : Duration.toMillis(Duration.fromInputUnsafe(input))

/** Throws a `TypeError` where a number cannot be meant. */
export const make = (policy: RetryPolicy = {}): Retry => {
  const retry = {
    tries: policy.tries ?? 3,
    delayMillis: millis(policy.delay, 1000),
    factor: policy.factor ?? 2,
    maxDelayMillis: millis(policy.maxDelay, 3_600_000),
    jitter: policy.jitter ?? 0.1
  }
  if (!Number.isSafeInteger(retry.tries) || retry.tries < 1) {
    throw new TypeError(`retry.tries is ${retry.tries}: it counts runs, so it is a whole number from 1`)
  }
  if (!(retry.factor >= 1) || !Number.isFinite(retry.factor)) {
    throw new TypeError(`retry.factor is ${retry.factor}: it must be a number from 1`)
  }
  if (!(retry.jitter >= 0 && retry.jitter <= 1)) {
    throw new TypeError(`retry.jitter is ${retry.jitter}: it is a part of the delay, from 0 to 1`)
  }
  if (!Number.isFinite(retry.delayMillis) || !Number.isFinite(retry.maxDelayMillis)) {
    throw new TypeError("retry.delay and retry.maxDelay must end: a task that is never tried again has tries: 1")
  }
  return retry
}

/** Milliseconds to wait after the run number `attempt` (from 1) failed. `random` is from 0 to 1; 0.5 is the exact delay. */
export const delayAfter = (retry: Retry, attempt: number, random: number): number => {
  // not for nothing: nothing times an infinite power is no number
  const growth = retry.delayMillis === 0 ? 0 : retry.delayMillis * retry.factor ** (attempt - 1)
  const delay = Math.min(retry.maxDelayMillis, growth)
  return Math.max(0, Math.round(delay * (1 + retry.jitter * (2 * random - 1))))
}
