/** The keys that tokens are checked with: read once, at the start, and never from anything that a token says. */

import * as Errors from "@mortise/core/app/Errors"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type CryptoKey, errors, importJWK, importSPKI, type JWK } from "jose"
import type { Algorithm } from "./Jwt.ts"

/** The configured key is none for the configured algorithm. */
export class JwtKeyInvalid extends Errors.make<JwtKeyInvalid>()(
  "JwtKeyInvalid",
  { component: "jwt", code: "JWT_KEY_INVALID", status: 500 },
  {
    algorithm: Schema.String,
    message: Schema.String
  }
) {}

type Key = CryptoKey | Uint8Array
/** The key of an id. Ids are compared, and nothing else is done with them: they are no paths and no addresses. */
export type Keys = (kid: string | undefined) => Key

const hashBytes: { readonly [algorithm: string]: number } = { HS256: 32, HS384: 48, HS512: 64 }

export const keysOf = (algorithm: Algorithm, key: Redacted.Redacted<string>): Effect.Effect<Keys, JwtKeyInvalid> =>
  Effect.gen(function* () {
    const text = Redacted.value(key).trim()
    const least = hashBytes[algorithm]
    const found = least === undefined ? yield* publicKeys(algorithm, text) : yield* secret(algorithm, text, least)
    return (kid) => {
      // one key needs no name; several are told apart by it
      const one = kid === undefined && found.size === 1 ? [...found.values()][0] : found.get(kid ?? "")
      const only = one ?? (found.size === 1 ? found.get("") : undefined)
      if (only === undefined) throw new errors.JWKSNoMatchingKey()
      return only
    }
  })

const invalid = (algorithm: Algorithm, message: string) => Effect.fail(new JwtKeyInvalid({ algorithm, message }))

const secret = (algorithm: Algorithm, text: string, least: number) => {
  // a public key as the secret is the mistake behind the attack on libraries that let tokens choose
  if (text.startsWith("-----BEGIN") || text.startsWith("{"))
    return invalid(
      algorithm,
      `${algorithm} is checked with a secret, and this is a key of another kind: use its own algorithm`
    )
  const bytes = new TextEncoder().encode(text)
  if (bytes.length < least)
    return invalid(algorithm, `The secret for ${algorithm} has ${bytes.length} bytes: it must have at least ${least}`)
  return Effect.succeed(new Map<string, Key>([["", bytes]]))
}

const publicKeys = (algorithm: Algorithm, text: string): Effect.Effect<ReadonlyMap<string, Key>, JwtKeyInvalid> =>
  Effect.tryPromise({
    try: async () => {
      if (!text.startsWith("{")) return new Map<string, Key>([["", await importSPKI(text, algorithm)]])
      const json = JSON.parse(text) as JWK & { readonly keys?: ReadonlyArray<JWK> }
      const found = new Map<string, Key>()
      for (const jwk of json.keys ?? [json]) {
        if (jwk.alg !== undefined && jwk.alg !== algorithm) continue
        if (jwk.kty === "oct" || jwk.d !== undefined) throw new TypeError("it is a secret or a private key")
        found.set(jwk.kid ?? "", await importJWK(jwk, algorithm))
      }
      if (found.size === 0) throw new TypeError(`it has no key for ${algorithm}`)
      return found
    },
    catch: (thrown) => {
      const why = thrown instanceof Error ? thrown.message : String(thrown)
      const message = `The key is no public key for ${algorithm} in PEM, JWK or JWK Set: ${why}`
      return new JwtKeyInvalid({ algorithm, message })
    }
  })
