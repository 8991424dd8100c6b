/**
 * The part of a first message that lets the other side compute the same secret (X3DH §3.3), and what both sides agree on:
 *
 * | bytes | field |
 * |---|---|
 * | 1 + n | number of suites the initiator offers, and their ids |
 * | 1 | the suite in use |
 * | 128 | identity of the initiator: signing key, agreement key, signature that binds them |
 * | 32 | ephemeral key |
 * | 4 | id of the signed prekey in use |
 * | 4 | id of the one-time prekey in use; 0 for none |
 */
import type { Bundle } from "../Bundle.ts"
import type { PublicIdentity } from "../Identity.ts"
import { concat, prefixed, type Reader, text, u32 } from "./Bytes.ts"

export interface StartHeader {
  readonly offered: ReadonlyArray<number>
  readonly suite: number
  readonly identity: PublicIdentity
  readonly ephemeralKey: Uint8Array
  readonly signedPrekeyId: number
  /** 0 for none. */
  readonly oneTimePrekeyId: number
}

export const identityBytes = ({ signingKey, agreementKey, signature }: PublicIdentity): Uint8Array =>
  concat(signingKey, agreementKey, signature)

export const encode = (header: StartHeader): Uint8Array =>
  concat(
    Uint8Array.of(header.offered.length, ...header.offered, header.suite),
    identityBytes(header.identity),
    header.ephemeralKey,
    u32(header.signedPrekeyId),
    u32(header.oneTimePrekeyId)
  )

/** Check `complete` of the reader before the result is used. */
export const read = (reader: Reader): StartHeader => ({
  offered: [...reader.take(reader.u8())],
  suite: reader.u8(),
  // copies: what becomes part of a state must not be a view into a received frame
  identity: {
    signingKey: reader.take(32).slice(),
    agreementKey: reader.take(32).slice(),
    signature: reader.take(64).slice()
  },
  ephemeralKey: reader.take(32).slice(),
  signedPrekeyId: reader.u32(),
  oneTimePrekeyId: reader.u32()
})

/** Everything that both sides have to see alike; its hash is the id of the session and in every message's associated data. */
export const transcript = (startHeader: Uint8Array, bundle: Bundle): Uint8Array =>
  concat(
    text("mortise-session-transcript"),
    prefixed(startHeader),
    prefixed(identityBytes(bundle.identity)),
    prefixed(Uint8Array.from(bundle.suites)),
    u32(bundle.signedPrekey.id),
    bundle.signedPrekey.publicKey,
    prefixed(bundle.oneTimePrekey?.publicKey ?? new Uint8Array(0))
  )
