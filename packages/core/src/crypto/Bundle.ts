/** What somebody publishes so that others can write to them while they are away: X3DH's prekey bundle, for any directory. */
import * as Schema from "effect/Schema"
import { PublicIdentity } from "./Identity.ts"
import { concat, text, u32 } from "./internal/Bytes.ts"
import { Counter, Key, Signature } from "./internal/Fields.ts"

const SuiteId = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 255 }))
/** Suites that a bundle names, at least one and at most 32. */
export const SuiteIds = Schema.Array(SuiteId).check(Schema.isMinLength(1), Schema.isMaxLength(32))

/** A prekey that starts one session and is then gone. */
export const OneTimePrekey = Schema.Struct({ id: Counter, publicKey: Key })
export type OneTimePrekey = typeof OneTimePrekey.Type

export const SignedPrekey = Schema.Struct({ id: Counter, publicKey: Key, signature: Signature })
export type SignedPrekey = typeof SignedPrekey.Type

/**
 * Public: a directory may keep it as it is. What a directory could change is signed by the identity, save the one-time
 * prekey, which it hands out: a wrong one of these makes the first message unreadable, no more.
 */
export const Bundle = Schema.Struct({
  identity: PublicIdentity,
  suites: SuiteIds,
  signedPrekey: SignedPrekey,
  oneTimePrekey: Schema.optionalKey(OneTimePrekey)
})
export type Bundle = typeof Bundle.Type

/** What the signature of the signed prekey is over. */
export const signedContent = (
  identity: PublicIdentity,
  suites: ReadonlyArray<number>,
  id: number,
  publicKey: Uint8Array
) =>
  concat(
    text("mortise-signed-prekey"),
    identity.signingKey,
    identity.agreementKey,
    Uint8Array.of(suites.length, ...suites),
    u32(id),
    publicKey
  )
