import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import * as Encoding from "../../src/crypto/Encoding.ts"

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe("Encoding", () => {
  // RFC 4648 §10
  const vectors = [
    ["", "", "", ""],
    ["f", "Zg==", "Zg", "66"],
    ["fo", "Zm8=", "Zm8", "666f"],
    ["foo", "Zm9v", "Zm9v", "666f6f"],
    ["foobar", "Zm9vYmFy", "Zm9vYmFy", "666f6f626172"]
  ] as const

  it.effect("gives the vectors of RFC 4648, and their bytes again", () =>
    Effect.gen(function* () {
      for (const [plain, base64, base64Url, hex] of vectors) {
        for (const [encoding, expected] of [
          [Encoding.base64, base64],
          [Encoding.base64Url, base64Url],
          [Encoding.hex, hex]
        ] as const) {
          assert.strictEqual(encoding.encode(text(plain)), expected)
          assert.deepStrictEqual(yield* encoding.decode(expected), text(plain))
        }
      }
      assert.strictEqual(Encoding.base64Url.encode(Uint8Array.of(0xfb, 0xff)), "-_8")
    })
  )

  it.each([
    [Encoding.base64, "Zg"],
    [Encoding.base64, "Zg="],
    [Encoding.base64, "Zg==\n"],
    [Encoding.base64, "Zm9v\r\nYmFy"],
    [Encoding.base64, "Zh=="],
    [Encoding.base64, "Zm9="],
    [Encoding.base64, "Zg=a"],
    [Encoding.base64, "===="],
    [Encoding.base64, "-_8="],
    [Encoding.base64, "Zm9é"],
    [Encoding.base64Url, "Zg=="],
    [Encoding.base64Url, "Zh"],
    [Encoding.base64Url, "Z"],
    [Encoding.base64Url, "Zm8\n"],
    [Encoding.base64Url, "+/8"],
    [Encoding.hex, "6"],
    [Encoding.hex, "6G"],
    [Encoding.hex, "FF"],
    [Encoding.hex, "0x66"],
    [Encoding.hex, " 66"]
  ] as const)("$0.name refuses %j", (encoding, given) => {
    const error = Effect.runSync(Effect.flip(encoding.decode(given)))
    assert.strictEqual(error.code, "CRYPTO_ENCODING_INVALID")
    assert.isFalse(JSON.stringify(error).includes(JSON.stringify(given)))
  })

  it.each([Encoding.base64, Encoding.base64Url, Encoding.hex])("$name has one text for any bytes", (encoding) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        assert.deepStrictEqual(Effect.runSync(encoding.decode(encoding.encode(bytes))), bytes)
      })
    )
  })

  it.each([Encoding.base64, Encoding.base64Url, Encoding.hex])("$name has no bytes for another text", (encoding) => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (given) => {
        const exit = Effect.runSyncExit(encoding.decode(given))
        assert.strictEqual(exit._tag === "Success" ? encoding.encode(exit.value) : given, given)
      })
    )
  })
})
