import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Crypto } from "../../src/crypto/Crypto.ts"
import * as NodeCrypto from "../../src/crypto/NodeCrypto.ts"

describe("NodeCrypto", () => {
  // keys are imported once for each array; an array that got other bytes is another key
  it.effect("sees that the bytes of a public key were changed in place", () =>
    Effect.gen(function* () {
      const crypto = yield* Crypto
      const [own, first, second] = [
        yield* crypto.agreementKeys,
        yield* crypto.agreementKeys,
        yield* crypto.agreementKeys
      ]
      const bytes = first.publicKey.slice()
      const before = Redacted.value(yield* crypto.agree(own.privateKey, bytes))
      bytes.set(second.publicKey)
      const after = Redacted.value(yield* crypto.agree(own.privateKey, bytes))
      assert.deepStrictEqual(after, Redacted.value(yield* crypto.agree(own.privateKey, second.publicKey)))
      assert.notDeepEqual(after, before)
    }).pipe(Effect.provide(NodeCrypto.layer))
  )
})
