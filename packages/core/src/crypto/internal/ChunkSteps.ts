/** Sealing and opening one chunk after the other. */

import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import * as Redacted from "effect/Redacted"
import { equal } from "../Crypto.ts"
import type { Options } from "../SealedStream.ts"
import { SealedStreamError } from "../SealedStreamError.ts"
import { concat, MAX_U32 } from "./Bytes.ts"
import * as Chunks from "./Chunks.ts"
import type { CryptoFault, Primitives } from "./Primitives.ts"
import { Source } from "./Source.ts"

/** One chunk, done: what to pass on, and where the stream stands behind it. */
export interface Step {
  readonly output: Uint8Array
  readonly plaintextBytes: number
  readonly last: boolean
  readonly segment: Chunks.Segment
  readonly tag: Uint8Array
}

export interface Steps<E> {
  readonly header: Uint8Array
  /** Takes the chunk `index`; called with one after the other. */
  readonly next: (index: number) => Effect.Effect<Step, E | SealedStreamError | CryptoFault>
}

type Input<E> = Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, E>

const fail = (reason: SealedStreamError["reason"], chunk: number, message: string) =>
  Effect.fail(new SealedStreamError({ reason, chunk, message }))

const KEY_BYTES = 32

const secretOf = ({ associatedData, key }: Options, primitives: Primitives) => {
  const bytes = Redacted.value(key)
  return bytes.length === KEY_BYTES
    ? Chunks.secretOf(primitives, bytes, associatedData)
    : fail("wrong-key", 0, `The key of a sealed stream has ${KEY_BYTES} bytes, not ${bytes.length}.`)
}

const tooLong = (index: number) => fail("too-long", index, "A sealed stream has at most 2^32 chunks.")

export const sealer = Effect.fnUntraced(function* <E>(primitives: Primitives, pull: Input<E>, options: Options) {
  const source = new Source(pull)
  const secret = yield* secretOf(options, primitives)
  const { from } = options
  const header = from?.header ?? (yield* Chunks.makeHeader(primitives, secret))
  if (from !== undefined) yield* checkHeader(primitives, secret, header)
  const segment = yield* Chunks.newSegment(primitives, from?.chunks ?? 0, from?.tag ?? Chunks.NO_TAG)
  const keys = yield* Chunks.segmentKeys(primitives, secret, header, segment)
  const next = Effect.fnUntraced(function* (index: number) {
    const last = yield* source.endsWithin(Chunks.CHUNK_BYTES)
    if (index > MAX_U32) return yield* tooLong(index)
    const chunk = source.take(Chunks.CHUNK_BYTES)
    if (chunk.length === 0 && index > 0) {
      return yield* fail("truncated", index, "There is no more plaintext behind the checkpoint: it was the whole.")
    }
    const sealed = yield* Chunks.seal(primitives, keys, index, last, chunk)
    const record = concat(segment.salt, sealed)
    // the header goes with the first chunk
    const output = index === 0 ? concat(header, record) : record
    return { output, plaintextBytes: chunk.length, last, segment, tag: sealed.slice(-Chunks.TAG_BYTES) }
  })
  return { header, next } satisfies Steps<E>
})

export const opener = Effect.fnUntraced(function* <E>(primitives: Primitives, pull: Input<E>, options: Options) {
  const source = new Source(pull)
  const secret = yield* secretOf(options, primitives)
  const { from } = options
  if (from === undefined && (yield* source.endsWithin(Chunks.HEADER_BYTES - 1))) {
    return yield* fail("truncated", 0, "The stream ends within its header.")
  }
  const header = from?.header ?? source.take(Chunks.HEADER_BYTES)
  yield* checkHeader(primitives, secret, header)
  let segment = from?.segment
  let keys = segment && (yield* Chunks.segmentKeys(primitives, secret, header, segment))
  let previousTag = from?.tag ?? Chunks.NO_TAG

  const next = Effect.fnUntraced(function* (index: number) {
    const last = yield* source.endsWithin(Chunks.RECORD_BYTES)
    if (index > MAX_U32) return yield* tooLong(index)
    const record = source.take(Chunks.RECORD_BYTES)
    if (record.length < Chunks.OVERHEAD_BYTES) {
      return yield* fail("truncated", index, `The stream ends before chunk ${index}, which is not the last.`)
    }
    const salt = record.subarray(0, Chunks.SALT_BYTES)
    const sealed = record.subarray(Chunks.SALT_BYTES)
    if (segment === undefined || keys === undefined || !equal(salt, segment.salt)) {
      segment = { salt: salt.slice(), start: index, previousTag }
      keys = yield* Chunks.segmentKeys(primitives, secret, header, segment)
    }
    const output = yield* Chunks.open(primitives, keys, index, last, sealed)
    if (output === undefined) {
      // an authentic chunk of this place, but not where it says that it is the last one
      if ((yield* Chunks.open(primitives, keys, index, !last, sealed)) === undefined) {
        return yield* fail("altered", index, `Chunk ${index} is changed, moved, repeated or of another stream.`)
      }
      return last
        ? yield* fail("truncated", index, `The stream ends with chunk ${index}, which is not the last.`)
        : yield* fail("extended", index, `The stream goes on behind chunk ${index}, which is the last.`)
    }
    if (output.length === 0 && index > 0) {
      return yield* fail("altered", index, `Chunk ${index} is empty, as only that of an empty stream may be.`)
    }
    previousTag = sealed.slice(-Chunks.TAG_BYTES)
    return { output, plaintextBytes: output.length, last, segment, tag: previousTag }
  })
  return { header, next } satisfies Steps<E>
})

const checkHeader = Effect.fnUntraced(function* (
  primitives: Primitives,
  secret: Chunks.StreamSecret,
  header: Uint8Array
) {
  const wrong = yield* Chunks.checkHeader(primitives, secret, header)
  if (wrong === "malformed") return yield* fail(wrong, 0, "This is not a sealed stream of a known format.")
  if (wrong !== undefined) {
    return yield* fail(wrong, 0, "The key or the associated data are not those that the stream was sealed with.")
  }
})
