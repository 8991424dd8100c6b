/**
 * A message under a sender key.
 *
 * | bytes | field |
 * |---|---|
 * | 1 | format: 1 |
 * | 16 | key id |
 * | 4 | number |
 * | 8 | digest of the members, as the sender sees them |
 * | 12 | random: the nonce |
 * | n | plaintext, encrypted, and tag (16) |
 * | 64 | Ed25519 signature over group, sender, associated data and everything before |
 */
import * as Effect from "effect/Effect"
import { concat, prefixed, Reader, text, u32 } from "./Bytes.ts"
import type { CryptoFault, Primitives, Secret } from "./Primitives.ts"
import { DIGEST_BYTES, KEY_ID_BYTES } from "./SenderKeyState.ts"

const FORMAT = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const SIGNATURE_BYTES = 64

export interface GroupMessage {
  readonly keyId: Uint8Array
  readonly number: number
  readonly digest: Uint8Array
  readonly nonce: Uint8Array
  /** Everything before the ciphertext. */
  readonly head: Uint8Array
  readonly ciphertext: Uint8Array
  readonly signature: Uint8Array
}

/** What a message is bound to and does not say. */
export interface Binding {
  readonly group: string
  readonly sender: string
  readonly associatedData: Uint8Array
}

/** Nothing when it is not a message. The parts are views of it. */
export const parse = (message: Uint8Array): GroupMessage | undefined => {
  const reader = new Reader(message)
  if (reader.u8() !== FORMAT) return undefined
  const keyId = reader.take(KEY_ID_BYTES)
  const number = reader.u32()
  const digest = reader.take(DIGEST_BYTES)
  const nonce = reader.take(NONCE_BYTES)
  const head = message.subarray(0, reader.position)
  const ciphertext = reader.take(message.length - reader.position - SIGNATURE_BYTES)
  const signature = reader.take(SIGNATURE_BYTES)
  const whole = reader.finished && ciphertext.length >= TAG_BYTES
  return whole ? { keyId, number, digest, nonce, head, ciphertext, signature } : undefined
}

const bound = ({ associatedData, group, sender }: Binding, head: Uint8Array): Uint8Array =>
  concat(prefixed(text(group)), prefixed(text(sender)), prefixed(associatedData), head)

const signed = (binding: Binding, head: Uint8Array, ciphertext: Uint8Array): Uint8Array =>
  concat(text("mortise-group-message"), bound(binding, head), ciphertext)

export const seal = Effect.fnUntraced(function* (
  primitives: Primitives,
  binding: Binding,
  { digest, keyId, number }: Pick<GroupMessage, "digest" | "keyId" | "number">,
  keys: { readonly messageKey: Uint8Array; readonly signingPrivate: Secret },
  plaintext: Uint8Array
): Effect.fn.Return<Uint8Array, CryptoFault> {
  const nonce = yield* primitives.random(NONCE_BYTES)
  const head = concat(Uint8Array.of(FORMAT), keyId, u32(number), digest, nonce)
  const aad = bound(binding, head)
  const ciphertext = yield* primitives.seal("chacha20-poly1305", keys.messageKey, nonce, plaintext, aad)
  const signature = yield* primitives.sign(keys.signingPrivate, signed(binding, head, ciphertext))
  return concat(head, ciphertext, signature)
})

export const isSignedBy = (
  primitives: Primitives,
  signingKey: Uint8Array,
  binding: Binding,
  { ciphertext, head, signature }: GroupMessage
): Effect.Effect<boolean, CryptoFault> => primitives.verify(signingKey, signed(binding, head, ciphertext), signature)

export const open = (
  primitives: Primitives,
  messageKey: Uint8Array,
  binding: Binding,
  { ciphertext, head, nonce }: GroupMessage
): Effect.Effect<Uint8Array | undefined, CryptoFault> =>
  primitives.open("chacha20-poly1305", messageKey, nonce, ciphertext, bound(binding, head))
