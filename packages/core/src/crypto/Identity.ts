/** Who somebody is in end-to-end encryption: a key that signs, and a key that agrees on secrets, bound by a signature. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Crypto, equal } from "./Crypto.ts"
import { concat, text } from "./internal/Bytes.ts"
import { Key, PrivateKey, Signature } from "./internal/Fields.ts"
import { type CryptoFault, type Primitives, primitives } from "./internal/Primitives.ts"

/** What others know of somebody: to be published, compared and trusted. */
export const PublicIdentity = Schema.Struct({
  /** Ed25519. */
  signingKey: Key,
  /** X25519. */
  agreementKey: Key,
  /** Of the agreement key, by the signing key. */
  signature: Signature
})
export type PublicIdentity = typeof PublicIdentity.Type

/** Long-lived, and secret save `public`: keep it like a password store. */
export const Identity = Schema.Struct({
  public: PublicIdentity,
  signingKey: PrivateKey,
  agreementKey: PrivateKey
})
export interface Identity extends Schema.Schema.Type<typeof Identity> {}

const signedContent = (agreementKey: Uint8Array): Uint8Array => concat(text("mortise-identity"), agreementKey)

/** A new identity. */
export const make: Effect.Effect<Identity, CryptoFault, Crypto> = Effect.gen(function* () {
  const crypto = primitives(yield* Crypto)
  const signing = yield* crypto.signingKeys
  const agreement = yield* crypto.agreementKeys
  const signature = yield* crypto.sign(signing.privateKey, signedContent(agreement.publicKey))
  return {
    public: { signingKey: signing.publicKey, agreementKey: agreement.publicKey, signature },
    signingKey: signing.privateKey,
    agreementKey: agreement.privateKey
  }
})

/** True when the agreement key is the one that the signing key vouches for. */
export const isConsistent = (
  crypto: Primitives,
  { agreementKey, signature, signingKey }: PublicIdentity
): Effect.Effect<boolean, CryptoFault> => crypto.verify(signingKey, signedContent(agreementKey), signature)

/** True when both have the same keys. */
export const sameIdentity = (left: PublicIdentity, right: PublicIdentity): boolean =>
  equal(left.signingKey, right.signingKey) && equal(left.agreementKey, right.agreementKey)
