/**
 * A message on the wire, and the encryption of its header and body.
 *
 * | bytes | field |
 * |---|---|
 * | 1 | 1, or 2 for a first message |
 * | n | only in a first message: `StartHeader` |
 * | 16 | random |
 * | 56 | header, encrypted: ratchet key (32), length of the previous chain (4), number in this one (4), tag (16) |
 * | rest | body, encrypted: padded plaintext, tag (16) |
 *
 * The nonces come from the random bytes: 16 and eight zeros for the header, whose key serves a whole chain; the first 12
 * for the body, whose key serves once. The body's nonce could be constant, but then a state that is restored from an old
 * copy would encrypt two plaintexts under one key and nonce, which gives both away.
 */
import * as Effect from "effect/Effect"
import type { SessionSuite } from "../SessionSuite.ts"
import { concat, putU32, Reader, u32At } from "./Bytes.ts"
import type { CryptoFault, Primitives } from "./Primitives.ts"
import * as StartHeader from "./StartHeader.ts"

const MESSAGE = 1
const FIRST = 2
const KIND_MESSAGE = Uint8Array.of(MESSAGE)
const KIND_FIRST = Uint8Array.of(FIRST)
const RANDOM_BYTES = 16
const HEADER_BYTES = 40
const TAG_BYTES = 16
const SEALED_HEADER_BYTES = HEADER_BYTES + TAG_BYTES

export interface Envelope {
  /** Only in a first message. */
  readonly start: { readonly bytes: Uint8Array; readonly header: StartHeader.StartHeader } | undefined
  readonly random: Uint8Array
  readonly sealedHeader: Uint8Array
  readonly sealedBody: Uint8Array
}

export interface Header {
  readonly ratchetKey: Uint8Array
  readonly previousLength: number
  readonly number: number
}

/** The parts of a message; nothing when it is not one. They are views of `message`, save the fields of the start header. */
export const parse = (message: Uint8Array): Envelope | undefined => {
  const reader = new Reader(message)
  const kind = reader.u8()
  if (kind !== MESSAGE && kind !== FIRST) return undefined
  const header = kind === FIRST ? StartHeader.read(reader) : undefined
  const start = header && { bytes: message.subarray(1, reader.position), header }
  const random = reader.take(RANDOM_BYTES)
  const sealedHeader = reader.take(SEALED_HEADER_BYTES)
  const sealedBody = reader.rest()
  return reader.complete && sealedBody.length > TAG_BYTES ? { start, random, sealedHeader, sealedBody } : undefined
}

const headerNonce = (random: Uint8Array): Uint8Array => {
  const nonce = new Uint8Array(24)
  nonce.set(random)
  return nonce
}

const bodyNonce = (random: Uint8Array): Uint8Array => random.slice(0, 12)

export interface Keys {
  readonly suite: SessionSuite
  readonly sessionId: Uint8Array
  readonly headerKey: Uint8Array
  readonly messageKey: Uint8Array
}

/** What a body is authenticated with. */
const bound = (
  sessionId: Uint8Array,
  random: Uint8Array,
  sealedHeader: Uint8Array,
  associatedData: Uint8Array
): Uint8Array => concat(sessionId, random, sealedHeader, associatedData)

const plainHeader = ({ number, previousLength, ratchetKey }: Header): Uint8Array => {
  const bytes = new Uint8Array(HEADER_BYTES)
  bytes.set(ratchetKey)
  putU32(bytes, 32, previousLength)
  putU32(bytes, 36, number)
  return bytes
}

/** The message as it travels. `start` goes before it where it is a first one; `associatedData` does not travel. */
export const seal = (
  primitives: Primitives,
  { headerKey, messageKey, sessionId, suite }: Keys,
  header: Header,
  padded: Uint8Array,
  associatedData: Uint8Array,
  start: Uint8Array | undefined
): Effect.Effect<Uint8Array, CryptoFault> =>
  Effect.flatMapEager(primitives.random(RANDOM_BYTES), (random) =>
    Effect.flatMapEager(
      primitives.seal("xchacha20-poly1305", headerKey, headerNonce(random), plainHeader(header), sessionId),
      (sealedHeader) => {
        const aad = bound(sessionId, random, sealedHeader, associatedData)
        return Effect.mapEager(primitives.seal(suite.body, messageKey, bodyNonce(random), padded, aad), (sealedBody) =>
          start === undefined
            ? concat(KIND_MESSAGE, random, sealedHeader, sealedBody)
            : concat(KIND_FIRST, start, random, sealedHeader, sealedBody)
        )
      }
    )
  )

/** The header, if `headerKey` is the one it was sealed with. */
export const openHeader = (
  primitives: Primitives,
  headerKey: Uint8Array,
  sessionId: Uint8Array,
  { random, sealedHeader }: Envelope
): Effect.Effect<Header | undefined, CryptoFault> =>
  Effect.mapEager(
    primitives.open("xchacha20-poly1305", headerKey, headerNonce(random), sealedHeader, sessionId),
    (bytes): Header | undefined => {
      if (bytes?.length !== HEADER_BYTES) return undefined
      return { ratchetKey: bytes.slice(0, 32), previousLength: u32At(bytes, 32), number: u32At(bytes, 36) }
    }
  )

/** The padded plaintext, if the message is as it was sealed. */
export const openBody = (
  primitives: Primitives,
  { suite, sessionId }: { readonly suite: SessionSuite; readonly sessionId: Uint8Array },
  messageKey: Uint8Array,
  { random, sealedBody, sealedHeader }: Envelope,
  associatedData: Uint8Array
): Effect.Effect<Uint8Array | undefined, CryptoFault> =>
  primitives.open(
    suite.body,
    messageKey,
    bodyNonce(random),
    sealedBody,
    bound(sessionId, random, sealedHeader, associatedData)
  )
