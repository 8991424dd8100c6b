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
import { concat, Reader, u32 } from "./Bytes.ts"
import type { CryptoFault, Primitives } from "./Primitives.ts"
import * as StartHeader from "./StartHeader.ts"

const MESSAGE = 1
const FIRST = 2
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

const bodyNonce = (random: Uint8Array): Uint8Array => random.subarray(0, 12)

export interface Keys {
  readonly suite: SessionSuite
  readonly sessionId: Uint8Array
  readonly headerKey: Uint8Array
  readonly messageKey: Uint8Array
}

/** The message as it travels. `start` goes before it where it is a first one; `associatedData` does not travel. */
export const seal = Effect.fnUntraced(function* (
  primitives: Primitives,
  keys: Keys,
  header: Header,
  padded: Uint8Array,
  associatedData: Uint8Array,
  start: Uint8Array | undefined
): Effect.fn.Return<Uint8Array, CryptoFault> {
  const random = yield* primitives.random(RANDOM_BYTES)
  const plainHeader = concat(header.ratchetKey, u32(header.previousLength), u32(header.number))
  const sealedHeader = yield* primitives.seal(
    "xchacha20-poly1305",
    keys.headerKey,
    headerNonce(random),
    plainHeader,
    keys.sessionId
  )
  const aad = concat(keys.sessionId, random, sealedHeader, associatedData)
  const sealedBody = yield* primitives.seal(keys.suite.body, keys.messageKey, bodyNonce(random), padded, aad)
  const kind = Uint8Array.of(start === undefined ? MESSAGE : FIRST)
  return concat(kind, start ?? new Uint8Array(0), random, sealedHeader, sealedBody)
})

/** The header, if `headerKey` is the one it was sealed with. */
export const openHeader = (
  primitives: Primitives,
  headerKey: Uint8Array,
  sessionId: Uint8Array,
  { random, sealedHeader }: Envelope
): Effect.Effect<Header | undefined, CryptoFault> =>
  Effect.map(
    primitives.open("xchacha20-poly1305", headerKey, headerNonce(random), sealedHeader, sessionId),
    (bytes): Header | undefined => {
      if (bytes === undefined) return undefined
      const reader = new Reader(bytes)
      const header = { ratchetKey: reader.take(32).slice(), previousLength: reader.u32(), number: reader.u32() }
      return reader.finished ? header : undefined
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
    concat(sessionId, random, sealedHeader, associatedData)
  )
