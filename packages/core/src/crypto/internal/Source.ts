/** Cuts what a stream pulls into pieces of a wanted size. Holds one such piece and what came with its last byte. */
import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"

export class Source<E> {
  private pieces: Array<Uint8Array> = []
  private length = 0
  private ended = false
  private readonly pull: Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, E>

  constructor(pull: Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, E>) {
    this.pull = pull
  }

  /** Waits for more than `length` bytes; true if there will not be more. */
  endsWithin(length: number): Effect.Effect<boolean, E> {
    return Effect.map(
      Effect.whileLoop({
        while: () => !this.ended && this.length <= length,
        body: () => this.more,
        step: () => {}
      }),
      () => this.length <= length
    )
  }

  private readonly more: Effect.Effect<void, E> = Effect.suspend(() =>
    Pull.matchEffect(this.pull, {
      onSuccess: (pieces) =>
        Effect.sync(() => {
          for (const piece of pieces) this.length += piece.length
          this.pieces.push(...pieces)
        }),
      onFailure: Effect.failCause,
      onDone: () =>
        Effect.sync(() => {
          this.ended = true
        })
    })
  )

  /** The next `length` bytes, or fewer if there are no more, as bytes of their own. */
  take(length: number): Uint8Array {
    const taken = new Uint8Array(Math.min(length, this.length))
    let offset = 0
    while (offset < taken.length) {
      const piece = this.pieces[0]!
      const part = piece.subarray(0, taken.length - offset)
      taken.set(part, offset)
      offset += part.length
      if (part.length === piece.length) this.pieces.shift()
      else this.pieces[0] = piece.subarray(part.length)
    }
    this.length -= taken.length
    return taken
  }
}
