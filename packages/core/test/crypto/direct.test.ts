import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Crypto, type CryptoShape } from "../../src/crypto/Crypto.ts"
import * as Identity from "../../src/crypto/Identity.ts"
import { directOf } from "../../src/crypto/internal/direct.ts"
import { primitives } from "../../src/crypto/internal/Primitives.ts"
import * as NodeCrypto from "../../src/crypto/NodeCrypto.ts"
import * as Prekeys from "../../src/crypto/Prekeys.ts"
import * as SecureSession from "../../src/crypto/SecureSession.ts"

/** A service made of another one, as somebody makes it who wants to see what is asked, or to ask hardware. */
const counting = (asked: Array<string>) =>
  Layer.effect(
    Crypto,
    Effect.map(Crypto, (crypto): CryptoShape => {
      const noting =
        <Args extends ReadonlyArray<unknown>, R>(name: string, f: (...args: Args) => R) =>
        (...args: Args): R => {
          asked.push(name)
          return f(...args)
        }
      return {
        ...crypto,
        random: noting("random", crypto.random),
        seal: noting("seal", crypto.seal),
        open: noting("open", crypto.open),
        hmac: noting("hmac", crypto.hmac)
      }
    })
  ).pipe(Layer.provide(NodeCrypto.layer))

describe("what a platform answers at once", () => {
  it.effect("does not go around a service that was made of it, and both sides understand each other", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const straight = Effect.provide(NodeCrypto.layer)
      const wrapped = Effect.provide(counting(asked))
      const ada = yield* Identity.make.pipe(straight)
      const prekeys = yield* Prekeys.make(yield* Identity.make.pipe(straight), { oneTime: 0 }).pipe(straight)
      const started = yield* SecureSession.initiate(ada, Prekeys.bundle(prekeys)).pipe(straight)
      const first = yield* SecureSession.encrypt(started, Uint8Array.of(1, 2, 3)).pipe(straight)

      const accepted = yield* SecureSession.accept(prekeys, first.message).pipe(wrapped)
      assert.deepStrictEqual(accepted.plaintext, Uint8Array.of(1, 2, 3))
      asked.length = 0
      const answer = yield* SecureSession.encrypt(accepted.session, Uint8Array.of(4)).pipe(wrapped)
      assert.deepStrictEqual(asked, ["hmac", "hmac", "random", "seal", "seal"])

      const read = yield* SecureSession.decrypt(first.session, answer.message).pipe(straight)
      assert.deepStrictEqual(read.plaintext, Uint8Array.of(4))
      const second = yield* SecureSession.encrypt(read.session, Uint8Array.of(5)).pipe(straight)
      asked.length = 0
      const again = yield* SecureSession.decrypt(answer.session, second.message).pipe(wrapped)
      assert.deepStrictEqual(again.plaintext, Uint8Array.of(5))
      assert.includeMembers(asked, ["open", "hmac"])
    })
  )

  it.effect("refuses keys and nonces of other lengths as the platform does", () =>
    Effect.gen(function* () {
      const crypto = yield* Crypto
      assert.isDefined(directOf(crypto))
      const { hmacs, open, seal } = primitives(crypto)
      const [key, nonce, data] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array(20)]
      const errors = [
        yield* Effect.flip(seal("chacha20-poly1305", key.subarray(1), nonce, data, data)),
        yield* Effect.flip(seal("xchacha20-poly1305", key, nonce, data, data)),
        yield* Effect.flip(open("aes-256-gcm", key, nonce.subarray(1), data, data)),
        yield* Effect.flip(hmacs(new Uint8Array(0), data, data))
      ]
      assert.deepStrictEqual(
        errors.map(({ _tag }) => _tag),
        errors.map(() => "CryptoInputInvalid" as const)
      )
      // shorter than a tag: nothing, not a fault
      assert.isUndefined(yield* open("chacha20-poly1305", key, nonce, data.subarray(0, 15), data))
    }).pipe(Effect.provide(NodeCrypto.layer))
  )
})
