/**
 * A `Password` over any argon2id: what a package brings is one function, `derive`; bounds, dummy work and the format are
 * the same for all.
 */
import { randomBytes, timingSafeEqual } from "node:crypto"
import { availableParallelism } from "node:os"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"
import { type AuthenticationFailed, failed } from "./AuthError.ts"
import { formatPhc, parsePhc } from "./internal/phc.ts"
import { type Argon2Parameters, defaultParameters, type Options, Password, PasswordRefused } from "./Password.ts"

/** Raw argon2id, version 0x13, of 32 bytes. Its failures are defects: the parameters are checked before. */
export type Derive = (password: Uint8Array, salt: Uint8Array, parameters: Argon2Parameters) => Effect.Effect<Uint8Array>

/** Longest password that is hashed, in bytes of UTF-8. */
export const maxPasswordBytes = 4096
const SALT_BYTES = 16
const METHOD = "password"
const RETRY_MILLIS = 1000

/**
 * The bytes of a password: normal form C, as RFC 8265 §4.2 has it, so that one typed on another keyboard is the same.
 * Undefined where there are none: too long, or no text.
 */
const bytesOf = (password: Redacted.Redacted<string>): Uint8Array | "too-long" | "not-text" => {
  const text = Redacted.value(password)
  if (text.length > maxPasswordBytes) return "too-long"
  if (!text.isWellFormed()) return "not-text"
  const bytes = new TextEncoder().encode(text.normalize("NFC"))
  return bytes.length > maxPasswordBytes ? "too-long" : bytes
}

export const make = (derive: Derive, options: Options = {}): Effect.Effect<Password["Service"]> =>
  Effect.gen(function* () {
    const parameters = options.parameters ?? defaultParameters
    const concurrency = options.concurrency ?? availableParallelism()
    const maxWaiting = options.maxWaiting ?? 64
    const minLength = options.minLength ?? 8
    const running = yield* Semaphore.make(concurrency)
    let asked = 0

    const bounded = (password: Uint8Array, salt: Uint8Array, costs: Argon2Parameters) =>
      Effect.suspend(() => {
        if (asked >= concurrency + maxWaiting) {
          return Effect.fail(failed(METHOD, "overloaded", { retryAfterMillis: RETRY_MILLIS }))
        }
        asked++
        return Effect.ensuring(
          // who hangs up leaves the queue; what runs keeps its place, because the thread goes on
          running.withPermits(1)(Effect.uninterruptible(derive(password, salt, costs))),
          Effect.sync(() => void asked--)
        )
      })

    const refuse = (reason: PasswordRefused["reason"], message: string) =>
      Effect.fail(new PasswordRefused({ reason, message }))
    const hash = (password: Redacted.Redacted<string>) =>
      Effect.suspend((): Effect.Effect<string, PasswordRefused | AuthenticationFailed> => {
        const bytes = bytesOf(password)
        if (bytes === "too-long")
          return refuse(bytes, `A password has at most ${maxPasswordBytes} bytes: choose a shorter one`)
        if (bytes === "not-text")
          return refuse(bytes, "A password is text, and this one is not well formed: choose another one")
        if ([...Redacted.value(password)].length < minLength)
          return refuse("too-short", `A password has at least ${minLength} characters: choose a longer one`)
        const salt = randomBytes(SALT_BYTES)
        return Effect.map(bounded(bytes, salt, parameters), (derived) => formatPhc({ parameters, salt, hash: derived }))
      })

    const nobody = {
      parameters,
      salt: randomBytes(SALT_BYTES),
      // 32 bytes that nothing is known to hash to
      hash: randomBytes(32)
    }
    const verify = (password: Redacted.Redacted<string>, kept: string | undefined) =>
      Effect.suspend(() => {
        const bytes = bytesOf(password)
        const known = kept === undefined ? undefined : parsePhc(kept)
        // what no account can have is not hashed, whether there is an account or not
        if (typeof bytes === "string") return Effect.succeed(false)
        const against = known ?? nobody
        return Effect.map(
          bounded(bytes, against.salt, against.parameters),
          (derived) =>
            derived.length === against.hash.length && timingSafeEqual(derived, against.hash) && known !== undefined
        )
      })

    return Password.of({
      hash,
      verify,
      needsRehash: (kept) => {
        const known = parsePhc(kept)
        if (known === undefined) return true
        const { memory, parallelism, passes } = known.parameters
        return memory < parameters.memory || passes < parameters.passes || parallelism !== parameters.parallelism
      }
    })
  })
