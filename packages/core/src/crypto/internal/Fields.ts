/** Fields of states and keys as they are saved: bytes are base64 in JSON, and their lengths are checked. */
import * as Schema from "effect/Schema"
import { MAX_U32 } from "./Bytes.ts"

/** Exactly `length` bytes. */
export const Bytes = (length: number) =>
  Schema.Uint8ArrayFromBase64.check(
    Schema.makeFilter((bytes: Uint8Array) => bytes.length === length || `expected ${length} bytes, got ${bytes.length}`)
  )

/** A symmetric key, a private key or a public key. */
export const Key = Bytes(32)

export const Signature = Bytes(64)

export const Counter = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: MAX_U32 }))

/** A private key: stays wrapped, so that the platform imports it once. */
export const PrivateKey = Schema.RedactedFromValue(Key)
