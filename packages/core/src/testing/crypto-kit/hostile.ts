/** What an attacker or a mistake brings. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type AeadName, Crypto } from "../../crypto/Crypto.ts"
import type { CryptoError } from "../../crypto/CryptoError.ts"
import { type CryptoCase, failsWith, same, sameBytes, text } from "./Case.ts"

const aeads: ReadonlyArray<readonly [AeadName, number]> = [
  ["chacha20-poly1305", 12],
  ["xchacha20-poly1305", 24],
  ["aes-256-gcm", 12]
]
const key = Redacted.make(new Uint8Array(32).fill(7))
const plaintext = text("attack at dawn")
const associated = text("to: general")

const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice()
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7))
  return copy
}

const sealing = aeads.flatMap(([name, nonceBytes]): ReadonlyArray<CryptoCase> => {
  const nonce = new Uint8Array(nonceBytes).fill(9)
  const sealed = Effect.flatMap(Crypto, (crypto) => crypto.seal(name, key, nonce, plaintext, associated))
  const refuses = (what: string, given: Parameters<Crypto["Service"]["open"]>) =>
    Effect.flatMap(Crypto, (crypto) => failsWith(crypto.open(...given), "OpenFailed", what))
  return [
    {
      name: `${name}: opens what it sealed, empty things too`,
      run: Effect.gen(function* () {
        const crypto = yield* Crypto
        const nothing = new Uint8Array(0)
        for (const data of [nothing, plaintext, new Uint8Array(100_000).fill(3)]) {
          for (const about of [undefined, nothing, associated]) {
            const bytes = yield* crypto.seal(name, key, nonce, data, about)
            yield* same(bytes.length, data.length + 16, "the length")
            yield* sameBytes(yield* crypto.open(name, key, nonce, bytes, about), data, "the plaintext")
          }
        }
      })
    },
    {
      name: `${name}: any flipped bit of ciphertext, tag, nonce, key or associated data is refused`,
      run: Effect.gen(function* () {
        const bytes = yield* sealed
        for (let bit = 0; bit < bytes.length * 8; bit++) {
          yield* refuses(`bit ${bit} of the ciphertext`, [name, key, nonce, flipped(bytes, bit), associated])
        }
        for (let bit = 0; bit < nonceBytes * 8; bit++) {
          yield* refuses(`bit ${bit} of the nonce`, [name, key, flipped(nonce, bit), bytes, associated])
        }
        for (let bit = 0; bit < 256; bit++) {
          const other = Redacted.make(flipped(Redacted.value(key), bit))
          yield* refuses(`bit ${bit} of the key`, [name, other, nonce, bytes, associated])
        }
        for (let bit = 0; bit < associated.length * 8; bit++) {
          yield* refuses(`bit ${bit} of the associated data`, [name, key, nonce, bytes, flipped(associated, bit)])
        }
        yield* refuses("no associated data", [name, key, nonce, bytes])
      })
    },
    {
      name: `${name}: anything shorter or longer than what was sealed is refused`,
      run: Effect.gen(function* () {
        const bytes = yield* sealed
        for (let length = 0; length < bytes.length; length++) {
          yield* refuses(`${length} bytes`, [name, key, nonce, bytes.subarray(0, length), associated])
        }
        const longer = new Uint8Array(bytes.length + 1)
        longer.set(bytes)
        yield* refuses("one byte more", [name, key, nonce, longer, associated])
      })
    },
    {
      name: `${name}: keys and nonces of a wrong length are named`,
      run: Effect.gen(function* () {
        const crypto = yield* Crypto
        for (const length of [0, 16, 31, 33]) {
          const short = Redacted.make(new Uint8Array(length))
          const invalid = yield* failsWith(crypto.seal(name, short, nonce, plaintext), "CryptoInputInvalid", "seal")
          yield* same(invalid.message, `${name} takes a key of 32 bytes, not ${length}.`, "the message")
          yield* failsWith(crypto.open(name, short, nonce, new Uint8Array(40)), "CryptoInputInvalid", "open")
        }
        for (const length of [0, nonceBytes - 1, nonceBytes + 1]) {
          const wrong = new Uint8Array(length)
          yield* failsWith(crypto.seal(name, key, wrong, plaintext), "CryptoInputInvalid", "seal")
          yield* failsWith(crypto.open(name, key, wrong, new Uint8Array(40)), "CryptoInputInvalid", "open")
        }
      })
    }
  ]
})

/** Points of low order and their multiples: RFC 7748 §6.1 and §7. */
const weakPoints = [
  new Uint8Array(32),
  Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0)),
  // p - 1, p and p + 1 for p = 2^255 - 19
  ...[0xec, 0xed, 0xee].map((low) =>
    Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? low : i === 31 ? 0x7f : 0xff))
  )
]

export const hostile: ReadonlyArray<CryptoCase> = [
  ...sealing,
  {
    name: "x25519: a public key of low order is refused",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      const { privateKey } = yield* crypto.agreementKeys
      for (const point of weakPoints) yield* failsWith(crypto.agree(privateKey, point), "AgreementRefused", "agree")
    })
  },
  {
    name: "x25519 and ed25519: keys of a wrong length are named",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      const { privateKey, publicKey } = yield* crypto.agreementKeys
      const short = Redacted.make(new Uint8Array(31))
      const long = new Uint8Array(33)
      const all: ReadonlyArray<Effect.Effect<unknown, CryptoError>> = [
        crypto.agree(short, publicKey),
        crypto.agree(privateKey, long),
        crypto.agreementPublicKey(short),
        crypto.signingPublicKey(short),
        crypto.sign(short, plaintext),
        crypto.verify(long, plaintext, new Uint8Array(64))
      ]
      for (const one of all) yield* failsWith(one, "CryptoInputInvalid", "a wrong length")
    })
  },
  {
    name: "x25519: two sides agree, and a third does not",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      const [a, b, c] = [yield* crypto.agreementKeys, yield* crypto.agreementKeys, yield* crypto.agreementKeys]
      yield* sameBytes(yield* crypto.agreementPublicKey(a.privateKey), a.publicKey, "the public key")
      const ours = Redacted.value(yield* crypto.agree(a.privateKey, b.publicKey))
      yield* sameBytes(Redacted.value(yield* crypto.agree(b.privateKey, a.publicKey)), ours, "the secret")
      const theirs = Redacted.value(yield* crypto.agree(c.privateKey, b.publicKey))
      yield* same(
        theirs.every((byte, i) => byte === ours[i]),
        false,
        "the third's secret is the same"
      )
    })
  },
  {
    name: "ed25519: any flipped bit of message, signature or key is found",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      const { privateKey, publicKey } = yield* crypto.signingKeys
      const signature = yield* crypto.sign(privateKey, plaintext)
      yield* same(yield* crypto.verify(publicKey, plaintext, signature), true, "the signature is right")
      for (let bit = 0; bit < 512; bit++) {
        yield* same(yield* crypto.verify(publicKey, plaintext, flipped(signature, bit)), false, `signature, bit ${bit}`)
      }
      for (let bit = 0; bit < plaintext.length * 8; bit++) {
        yield* same(yield* crypto.verify(publicKey, flipped(plaintext, bit), signature), false, `message, bit ${bit}`)
      }
      for (let bit = 0; bit < 256; bit++) {
        yield* same(yield* crypto.verify(flipped(publicKey, bit), plaintext, signature), false, `key, bit ${bit}`)
      }
      for (const length of [0, 63, 65]) {
        yield* same(yield* crypto.verify(publicKey, plaintext, new Uint8Array(length)), false, `${length} bytes`)
      }
    })
  },
  {
    name: "hkdf and hmac: what they do not take is named",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      const info = text("x")
      for (const length of [-1, 1.5, 255 * 32 + 1]) {
        yield* failsWith(crypto.hkdf("sha-256", key, { info, length }), "CryptoInputInvalid", `length ${length}`)
      }
      yield* failsWith(
        crypto.hkdf("sha-256", key, { info: new Uint8Array(1025), length: 32 }),
        "CryptoInputInvalid",
        "a long info"
      )
      yield* same(Redacted.value(yield* crypto.hkdf("sha-256", key, { info, length: 0 })).length, 0, "no length")
      yield* same(Redacted.value(yield* crypto.hkdf("sha-512", key, { info, length: 255 * 64 })).length, 16_320, "all")
      yield* failsWith(crypto.hmac("sha-256", Redacted.make(new Uint8Array(0)), info), "CryptoInputInvalid", "no key")
    })
  },
  {
    name: "random: as long as asked for, and never the same",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      const seen = new Set<string>()
      for (let i = 0; i < 1_000; i++) seen.add(String(yield* crypto.random(16)))
      yield* same(seen.size, 1_000, "different values")
      for (const length of [0, 1, 65_537]) yield* same((yield* crypto.random(length)).length, length, "the length")
    })
  },
  {
    name: "secrets are not shown by text, JSON or an error",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      const { privateKey } = yield* crypto.signingKeys
      const derived = yield* crypto.hkdf("sha-256", privateKey, { info: text("x"), length: 32 })
      for (const shown of [String(derived), JSON.stringify({ derived }), `${privateKey}`]) {
        yield* same(/redacted/i.test(shown) && !/\d/.test(shown), true, `a secret is shown as ${shown}`)
      }
      const error = yield* Effect.flip(crypto.seal("aes-256-gcm", privateKey, new Uint8Array(1), plaintext))
      yield* same(JSON.stringify(error).includes(String(Redacted.value(privateKey))), false, "an error shows a secret")
    })
  },
  {
    name: "nothing keeps or changes the bytes that it is given",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      const nonce = new Uint8Array(12)
      const message = plaintext.slice()
      const sealed = yield* crypto.seal("chacha20-poly1305", key, nonce, message)
      const before = sealed.slice()
      message.fill(0)
      yield* sameBytes(sealed, before, "what was sealed")
      const opened = yield* crypto.open("chacha20-poly1305", key, nonce, sealed)
      yield* sameBytes(sealed, before, "what was opened")
      sealed.fill(0)
      yield* sameBytes(opened, plaintext, "the plaintext")
    })
  }
]
