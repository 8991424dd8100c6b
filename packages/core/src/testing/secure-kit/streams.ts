import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Crypto } from "../../crypto/Crypto.ts"
import { concat } from "../../crypto/internal/Bytes.ts"
import * as SealedStream from "../../crypto/SealedStream.ts"
import type { SealedStreamError } from "../../crypto/SealedStreamError.ts"
import * as CryptoRecorder from "../CryptoRecorder.ts"
import { bytes, claim, flipped, type ProtocolCase, refused, same, sameBytes } from "./Check.ts"

const { CHUNK_BYTES } = SealedStream

const joined = (parts: ReadonlyArray<Uint8Array>): Uint8Array => concat(...parts)

/** `content` in pieces of these lengths, again and again. */
const cut = (content: Uint8Array, ...lengths: ReadonlyArray<number>): Stream.Stream<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  for (let offset = 0, turn = 0; offset < content.length; turn++) {
    const length = lengths[turn % lengths.length] ?? content.length
    pieces.push(content.subarray(offset, offset + length))
    offset += length
  }
  return Stream.fromIterable(pieces)
}

const content = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff)

const all = <E, R>(stream: Stream.Stream<Uint8Array, E, R>) => Effect.map(Stream.runCollect(stream), joined)

const sealed = (plaintext: Uint8Array, options: SealedStream.Options) =>
  all(SealedStream.seal(cut(plaintext, 10_000), options))

const opened = (bytes: Uint8Array, options: SealedStream.Options) => all(SealedStream.open(cut(bytes, 10_000), options))

/** The parts of a sealed stream: header, and chunks. */
const parts = (stream: Uint8Array): ReadonlyArray<Uint8Array> => {
  const start = SealedStream.sealedLength(0) - 32
  const found = [stream.subarray(0, start)]
  for (let offset = start; offset < stream.length; offset += CHUNK_BYTES + 32) {
    found.push(stream.subarray(offset, offset + CHUNK_BYTES + 32))
  }
  return found
}

const checkpoints = () => {
  const seen: Array<SealedStream.Progress> = []
  return { seen, onProgress: (progress: SealedStream.Progress) => Effect.sync(() => void seen.push(progress)) }
}

export const streams: ReadonlyArray<ProtocolCase> = [
  {
    name: "what was sealed is opened, whatever its length and however it is cut",
    run: Effect.gen(function* () {
      const key = yield* SealedStream.makeKey
      for (const length of [0, 1, 1000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 100_000]) {
        const plaintext = content(length)
        const stream = yield* all(SealedStream.seal(cut(plaintext, 7777, 1, 40_000), { key }))
        same(stream.length, SealedStream.sealedLength(length), `the sealed length of ${length} bytes`)
        for (const lengths of [[stream.length], [100_000, 1], [4096]]) {
          const back = yield* all(SealedStream.open(cut(stream, ...lengths), { key }))
          sameBytes(back, plaintext, `${length} bytes come back`)
        }
      }
    })
  },
  {
    name: "a stream opens with its own key and associated data only",
    run: Effect.gen(function* () {
      const key = yield* SealedStream.makeKey
      const stream = yield* sealed(content(100), { key, associatedData: bytes("photo.png") })
      const wrong = yield* SealedStream.makeKey
      const code = "SEALED_STREAM_WRONG_KEY"
      yield* refused(opened(stream, { key: wrong, associatedData: bytes("photo.png") }), code, "another key")
      yield* refused(opened(stream, { key, associatedData: bytes("virus.exe") }), code, "other associated data")
      yield* refused(opened(stream, { key }), code, "no associated data")
      yield* refused(opened(stream, { key: Redacted.make(new Uint8Array(31)) }), code, "a short key")
      sameBytes(yield* opened(stream, { key, associatedData: bytes("photo.png") }), content(100), "it comes back")
    })
  },
  {
    name: "a stream with any bit turned is refused",
    run: Effect.gen(function* () {
      const key = yield* SealedStream.makeKey
      const stream = yield* sealed(content(20), { key })
      for (let bit = 0; bit < stream.length * 8; bit++) {
        const exit = yield* Effect.exit(opened(flipped(stream, bit), { key }))
        same(exit._tag, "Failure", `the outcome with bit ${bit} turned`)
      }
      const long = yield* sealed(content(70_000), { key })
      for (let bit = 7; bit < long.length * 8; bit += 39_119) {
        const exit = yield* Effect.exit(opened(flipped(long, bit), { key }))
        same(exit._tag, "Failure", `the outcome with bit ${bit} of the long one turned`)
      }
    })
  },
  {
    name: "a stream that ends early is noticed, wherever it ends",
    run: Effect.gen(function* () {
      const key = yield* SealedStream.makeKey
      const stream = yield* sealed(content(3 * CHUNK_BYTES), { key })
      const [header, one, two, three] = parts(stream) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
      const code = "SEALED_STREAM_TRUNCATED"
      yield* refused(opened(new Uint8Array(0), { key }), code, "nothing")
      yield* refused(opened(header.subarray(0, 20), { key }), code, "half a header")
      yield* refused(opened(header, { key }), code, "only a header")
      yield* refused(opened(joined([header, one]), { key }), code, "one chunk of three")
      yield* refused(opened(joined([header, one, two]), { key }), code, "two chunks of three")
      yield* refused(opened(joined([header, one, two, three.subarray(0, 20)]), { key }), code, "less than a tag")
      yield* refused(opened(stream.subarray(0, -1), { key }), "SEALED_STREAM_ALTERED", "all but a byte")
    })
  },
  {
    name: "chunks that are moved, repeated, left out, added or of another stream are noticed",
    run: Effect.gen(function* () {
      const key = yield* SealedStream.makeKey
      const [header, one, two, three] = parts(yield* sealed(content(3 * CHUNK_BYTES), { key })) as Array<Uint8Array>
      const [otherHeader, other] = parts(yield* sealed(content(3 * CHUNK_BYTES), { key })) as Array<Uint8Array>
      const code = "SEALED_STREAM_ALTERED"
      const order = (...chunks: ReadonlyArray<Uint8Array | undefined>) =>
        opened(joined([header!, ...chunks.map((chunk) => chunk!)]), { key })
      yield* refused(order(two, one, three), code, "two chunks the other way round")
      yield* refused(order(one, one, two, three), code, "a chunk twice")
      yield* refused(order(one, three), code, "a chunk left out")
      yield* refused(order(other, two, three), code, "a chunk of another stream")
      yield* refused(opened(joined([otherHeader!, one!, two!, three!]), { key }), code, "the header of another stream")
      yield* refused(order(one, two, three, three), "SEALED_STREAM_EXTENDED", "a chunk behind the end")
      yield* refused(order(one, two, three, bytes("x")), "SEALED_STREAM_EXTENDED", "a byte behind the end")
      yield* order(one, two, three)
    })
  },
  {
    name: "what is not a sealed stream says so",
    run: Effect.gen(function* () {
      const key = yield* SealedStream.makeKey
      yield* refused(opened(content(200).fill(9, 0, 1), { key }), "SEALED_STREAM_MALFORMED", "another format")
    })
  },
  {
    name: "chunks before a wrong one are passed on, and nothing behind it",
    run: Effect.gen(function* () {
      const key = yield* SealedStream.makeKey
      const stream = yield* sealed(content(3 * CHUNK_BYTES), { key })
      const broken = flipped(stream, (SealedStream.sealedLength(0) + 2 * CHUNK_BYTES) * 8)
      let got = 0
      const count = Stream.runForEach(SealedStream.open(cut(broken, 999), { key }), (chunk) =>
        Effect.sync(() => void (got += chunk.length))
      )
      const error = (yield* Effect.flip(count)) as SealedStreamError
      same(error.chunk, 1, "the chunk that is wrong")
      same(got, CHUNK_BYTES, "the bytes that were passed on")
    })
  },
  {
    name: "progress is told chunk by chunk, and the last one is the end",
    run: Effect.gen(function* () {
      const key = yield* SealedStream.makeKey
      const { onProgress, seen } = checkpoints()
      const stream = yield* sealed(content(2 * CHUNK_BYTES + 5), { key, onProgress })
      same(
        seen.map((progress) => progress.bytes).join(),
        `${CHUNK_BYTES},${2 * CHUNK_BYTES},${2 * CHUNK_BYTES + 5}`,
        "the bytes"
      )
      same(seen.map((progress) => progress.checkpoint === undefined).join(), "false,false,true", "where the end is")
      const opening = checkpoints()
      yield* opened(stream, { key, onProgress: opening.onProgress })
      same(opening.seen.map((progress) => progress.chunks).join(), "1,2,3", "the chunks")
    })
  },
  {
    name: "opening goes on at a checkpoint that was saved",
    run: Effect.gen(function* () {
      const key = yield* SealedStream.makeKey
      const plaintext = content(3 * CHUNK_BYTES + 5)
      const stream = yield* sealed(plaintext, { key })
      const { onProgress, seen } = checkpoints()
      yield* opened(stream, { key, onProgress })
      for (const { checkpoint } of seen) {
        if (checkpoint === undefined) continue
        const json = JSON.stringify(yield* Schema.encodeEffect(SealedStream.Checkpoint)(checkpoint))
        const from = yield* Schema.decodeUnknownEffect(SealedStream.Checkpoint)(JSON.parse(json))
        const rest = yield* opened(stream.subarray(SealedStream.sealedOffset(from)), { key, from })
        sameBytes(rest, plaintext.subarray(SealedStream.plaintextOffset(from)), "the rest comes back")
        const early = opened(stream.subarray(SealedStream.sealedOffset(from) - 1), { key, from })
        yield* refused(early, "SEALED_STREAM_ALTERED", "the rest from a byte too early")
      }
    })
  },
  {
    name: "sealing goes on at a checkpoint, with other content and without using a nonce twice",
    run: Effect.gen(function* () {
      const recorder = CryptoRecorder.make(yield* Crypto)
      const key = yield* SealedStream.makeKey
      const plaintext = content(3 * CHUNK_BYTES + 5)
      const { onProgress, seen } = checkpoints()
      const recorded = Effect.provideService(Crypto, recorder.crypto)
      const stream = yield* recorded(sealed(plaintext, { key, onProgress }))
      const from = seen[1]!.checkpoint!
      const changed = plaintext.slice().fill(7, SealedStream.plaintextOffset(from))
      const again = () => recorded(sealed(changed.subarray(SealedStream.plaintextOffset(from)), { key, from }))
      const rest = yield* again()
      yield* again()
      same(recorder.reused().length, 0, "the number of (key, nonce) pairs used twice")
      const begun = stream.subarray(0, SealedStream.sealedOffset(from))
      sameBytes(yield* opened(joined([begun, rest]), { key }), changed, "the continued stream comes back")
      // a chunk of the first attempt, then one of the second
      const chunk = CHUNK_BYTES + 32
      const mixed = joined([stream.subarray(0, begun.length + chunk), rest.subarray(chunk)])
      yield* refused(opened(mixed, { key }), "SEALED_STREAM_ALTERED", "two attempts mixed")
    })
  },
  {
    name: "a stream has at most 2^32 chunks",
    run: Effect.gen(function* () {
      const key = yield* SealedStream.makeKey
      const { onProgress, seen } = checkpoints()
      yield* sealed(content(2 * CHUNK_BYTES), { key, onProgress })
      const from = { ...seen[0]!.checkpoint!, chunks: 2 ** 32 - 1 }
      same((yield* sealed(content(5), { key, from })).length, 5 + 32, "the length of the last chunk there is")
      yield* refused(sealed(content(CHUNK_BYTES + 5), { key, from }), "SEALED_STREAM_TOO_LONG", "one chunk more")
    })
  },
  {
    name: "a stream is held chunk by chunk, however long it is",
    run: Effect.gen(function* () {
      const key = yield* SealedStream.makeKey
      let produced = 0
      let furthest = 0
      let taken = 0
      const source = Stream.map(
        Stream.fromIterable(Array.from({ length: 400 }, (_, index) => index)).pipe(Stream.rechunk(1)),
        () => {
          produced += 8192
          return new Uint8Array(8192)
        }
      )
      const stream = SealedStream.open(SealedStream.seal(source, { key }), { key })
      yield* Stream.runForEach(stream, (chunk) =>
        Effect.sync(() => {
          taken += chunk.length
          furthest = Math.max(furthest, produced - taken)
        })
      )
      same(taken, 400 * 8192, "the bytes that came back")
      claim(furthest <= 4 * CHUNK_BYTES, `at most four chunks are under way, ${furthest} bytes were`)
    })
  }
]
