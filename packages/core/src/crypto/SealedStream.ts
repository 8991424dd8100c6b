/**
 * Files, images and other long content under one key: sealed and opened chunk by chunk, in bounded memory. Cutting off,
 * reordering, repeating, joining and exchanging chunks are noticed at the chunk where they happen. The STREAM construction
 * (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015) with
 * ChaCha20-Poly1305 and HKDF-SHA-256; `internal/Chunks` has the layout. This code has not been audited.
 *
 * Chunks are passed on as soon as they are authentic. Whether the content is complete shows only at its end: do not act on
 * half a file.
 *
 * @example
 * const sealed = SealedStream.seal(plaintext, { key })
 * const opened = SealedStream.open(sealed, { key })
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Crypto } from "./Crypto.ts"
import { chunkPull } from "./internal/ChunkPull.ts"
import { opener, sealer } from "./internal/ChunkSteps.ts"
import * as Chunks from "./internal/Chunks.ts"
import { Bytes, Counter } from "./internal/Fields.ts"
import { type CryptoFault, primitives } from "./internal/Primitives.ts"
import type { SealedStreamError } from "./SealedStreamError.ts"

/** Plaintext bytes of every chunk but the last. */
export const CHUNK_BYTES = Chunks.CHUNK_BYTES

/** 32 bytes. One key may seal any number of streams. */
export type StreamKey = Redacted.Redacted<Uint8Array>

/**
 * Where a stream stands between two chunks. Not secret: the key is not in it. Save it to go on later, in sealing as well as
 * in opening.
 */
export const Checkpoint = Schema.Struct({
  header: Bytes(Chunks.HEADER_BYTES),
  /** Chunks before this point, with `CHUNK_BYTES` plaintext bytes each. */
  chunks: Counter,
  /** The segment that the last chunk is of: where it begins, and what it is bound to. */
  segment: Schema.Struct({ salt: Bytes(Chunks.SALT_BYTES), start: Counter, previousTag: Bytes(Chunks.TAG_BYTES) }),
  /** Of the last chunk. */
  tag: Bytes(Chunks.TAG_BYTES)
})
export interface Checkpoint extends Schema.Schema.Type<typeof Checkpoint> {}

export interface Progress {
  /** Chunks, and bytes of plaintext, from the beginning of the content, that the reader of the stream has taken. */
  readonly chunks: number
  readonly bytes: number
  /** Where to go on if it stops here; absent after the last chunk. */
  readonly checkpoint: Checkpoint | undefined
}

export interface Options {
  readonly key: StreamKey
  /** Authenticated, and not in the stream: the name of the file, the room it is for. Opening needs the same. */
  readonly associatedData?: Uint8Array
  /** Goes on behind this point: the input begins at `plaintextOffset` (sealing) or `sealedOffset` (opening) of it. */
  readonly from?: Checkpoint
  /** Runs after each chunk, once it has been taken. */
  readonly onProgress?: (progress: Progress) => Effect.Effect<void>
}

/** Where the plaintext goes on behind `checkpoint`, in bytes. */
export const plaintextOffset = ({ chunks }: Checkpoint): number => chunks * CHUNK_BYTES

/** Where the sealed stream goes on behind `checkpoint`, in bytes. */
export const sealedOffset = ({ chunks }: Checkpoint): number => Chunks.HEADER_BYTES + chunks * Chunks.RECORD_BYTES

/** Length in bytes of the sealed stream of `length` bytes. */
export const sealedLength = (length: number): number =>
  Chunks.HEADER_BYTES + Math.max(1, Math.ceil(length / CHUNK_BYTES)) * Chunks.OVERHEAD_BYTES + length

/** A new random key. */
export const makeKey: Effect.Effect<StreamKey, CryptoFault, Crypto> = Effect.gen(function* () {
  const key = yield* primitives(yield* Crypto).random(32)
  return Redacted.make(key, { label: "stream key" })
})

type Sealed<E, R> = Stream.Stream<Uint8Array, E | SealedStreamError | CryptoFault, R | Crypto>

/**
 * Seals a stream of bytes, cut in any way. Sealed again from a checkpoint, the rest gets a key of its own: it may differ
 * from what it was the first time, and neither is given away. Behind the checkpoint only the new part fits, from its start.
 */
export const seal = <E, R>(plaintext: Stream.Stream<Uint8Array, E, R>, options: Options): Sealed<E, R> =>
  Stream.transformPull(plaintext, (pull) =>
    Effect.flatMap(Crypto, (crypto) => chunkPull(options, sealer(primitives(crypto), pull, options)))
  )

/** Opens what `seal` gave, cut in any way. */
export const open = <E, R>(sealed: Stream.Stream<Uint8Array, E, R>, options: Options): Sealed<E, R> =>
  Stream.transformPull(sealed, (pull) =>
    Effect.flatMap(Crypto, (crypto) => chunkPull(options, opener(primitives(crypto), pull, options)))
  )
