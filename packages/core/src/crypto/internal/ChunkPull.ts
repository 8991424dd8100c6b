/** Runs the steps of a sealed stream as its reader pulls, and tells of progress once a chunk has been taken. */

import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import type { Options } from "../SealedStream.ts"
import type { SealedStreamError } from "../SealedStreamError.ts"
import type { Step, Steps } from "./ChunkSteps.ts"
import { CHUNK_BYTES } from "./Chunks.ts"
import type { CryptoFault } from "./Primitives.ts"

type Failures<E> = E | SealedStreamError | CryptoFault

/** `steps` is made when the stream is first pulled. */
export const chunkPull = Effect.fnUntraced(function* <E>(
  { from, onProgress }: Options,
  steps: Effect.Effect<Steps<E>, Failures<E>>
) {
  const { header, next } = yield* steps
  let index = from?.chunks ?? 0
  let taken: Step | undefined

  const report = ({ last, plaintextBytes, segment, tag }: Step): Effect.Effect<void> => {
    if (onProgress === undefined) return Effect.void
    const checkpoint = last ? undefined : { header, chunks: index, segment, tag }
    return onProgress({ chunks: index, bytes: (index - 1) * CHUNK_BYTES + plaintextBytes, checkpoint })
  }

  const pull: Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, Failures<E>> = Effect.gen(function* () {
    if (taken !== undefined) yield* report(taken)
    if (taken?.last === true) return yield* Cause.done()
    taken = yield* next(index)
    index++
    return Arr.of(taken.output)
  })
  return pull
})
