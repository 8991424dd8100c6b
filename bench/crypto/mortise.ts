import { Crypto, type CryptoShape } from "@mortise/core/crypto/Crypto"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Loop } from "./Case.ts"

/** Runs what it makes of a layer's `Crypto` again and again, in one fiber, as a program that uses it does. */
export const loop = (
  layer: Layer.Layer<Crypto>,
  make: (crypto: CryptoShape) => Effect.Effect<unknown, unknown>
): Promise<Loop> =>
  Effect.runPromise(
    Effect.map(Effect.provide(Crypto, layer), (crypto): Loop => {
      const once = make(crypto)
      return (count) =>
        Effect.runPromise(
          Effect.gen(function* () {
            for (let i = 0; i < count; i++) yield* once
          }).pipe(Effect.orDie)
        )
    })
  )
