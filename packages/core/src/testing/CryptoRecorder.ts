/**
 * A `Crypto` that notes what it was asked for, over the real one: whether any (key, nonce) sealed twice, and how often each
 * primitive ran. For tests of protocols; it keeps keys in clear.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { CryptoShape } from "../crypto/Crypto.ts"

export interface CryptoRecorder {
  readonly crypto: CryptoShape
  /** (key, nonce) pairs that sealed more than once, as `aead key nonce` in hexadecimal. */
  readonly reused: () => ReadonlyArray<string>
  /** How many (key, nonce) pairs have sealed. */
  readonly sealed: () => number
  /** How often each primitive ran since the last `reset`. */
  readonly calls: () => { readonly [primitive: string]: number }
  readonly reset: () => void
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

export const make = (crypto: CryptoShape): CryptoRecorder => {
  const used = new Set<string>()
  const reused: Array<string> = []
  let calls: Record<string, number> = {}
  const counted = <A extends ReadonlyArray<unknown>, B>(name: string, run: (...args: A) => B) => {
    return (...args: A): B => {
      calls[name] = (calls[name] ?? 0) + 1
      return run(...args)
    }
  }
  const seal: CryptoShape["seal"] = (aead, key, nonce, plaintext, associated) =>
    Effect.suspend(() => {
      const pair = `${aead} ${hex(Redacted.value(key))} ${hex(nonce)}`
      if (used.has(pair)) reused.push(pair)
      used.add(pair)
      return crypto.seal(aead, key, nonce, plaintext, associated)
    })
  return {
    crypto: {
      ...crypto,
      seal: counted("seal", seal),
      open: counted("open", crypto.open),
      agree: counted("agree", crypto.agree),
      sign: counted("sign", crypto.sign),
      verify: counted("verify", crypto.verify),
      hkdf: counted("hkdf", crypto.hkdf),
      hmac: counted("hmac", crypto.hmac)
    },
    reused: () => reused,
    sealed: () => used.size,
    calls: () => calls,
    reset: () => {
      calls = {}
    }
  }
}
