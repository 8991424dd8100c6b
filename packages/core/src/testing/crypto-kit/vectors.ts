/** Vectors of the standards, quoted with their sections. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type AeadName, Crypto, type HashName } from "../../crypto/Crypto.ts"
import { bytes, type CryptoCase, range, sameBytes, secret, text } from "./Case.ts"

const sunscreen = text(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
)

const aead = (source: string, name: AeadName, nonce: Uint8Array, begin: string, tag: string): CryptoCase => ({
  name: `${source}: ${name}`,
  run: Effect.gen(function* () {
    const crypto = yield* Crypto
    const key = Redacted.make(range(0x80, 0x9f))
    const associated = bytes("50515253c0c1c2c3c4c5c6c7")
    const sealed = yield* crypto.seal(name, key, nonce, sunscreen, associated)
    yield* sameBytes(sealed.subarray(0, 16), begin, "the ciphertext's first block")
    // the tag is over all of the ciphertext
    yield* sameBytes(sealed.subarray(-16), tag, "the tag")
    yield* sameBytes(yield* crypto.open(name, key, nonce, sealed, associated), sunscreen, "the plaintext")
  })
})

const hmac = (source: string, hash: HashName, key: Uint8Array, data: Uint8Array, expected: string): CryptoCase => ({
  name: `${source}: HMAC with ${hash}`,
  run: Effect.gen(function* () {
    const crypto = yield* Crypto
    yield* sameBytes(yield* crypto.hmac(hash, Redacted.make(key), data), expected, "the code")
  })
})

const digest = (hash: HashName, expected: string, message = "abc"): CryptoCase => ({
  name: `FIPS 180-4: ${hash} of ${JSON.stringify(message)}`,
  run: Effect.gen(function* () {
    const crypto = yield* Crypto
    yield* sameBytes(yield* crypto.digest(hash, text(message)), expected, "the digest")
  })
})

const ed25519 = (test: number, privateKey: string, publicKey: string, message: string, signature: string) => ({
  name: `RFC 8032 §7.1 test ${test}: Ed25519`,
  run: Effect.gen(function* () {
    const crypto = yield* Crypto
    const key = secret(privateKey)
    yield* sameBytes(yield* crypto.signingPublicKey(key), publicKey, "the public key")
    yield* sameBytes(yield* crypto.sign(key, bytes(message)), signature, "the signature")
  })
})

const alice = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
const alicePublic = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
const bob = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
const bobPublic = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"

const hiThere = [new Uint8Array(20).fill(0x0b), text("Hi There")] as const

export const vectors: ReadonlyArray<CryptoCase> = [
  aead(
    "RFC 8439 §2.8.2",
    "chacha20-poly1305",
    bytes("070000004041424344454647"),
    "d31a8d34648e60db7b86afbc53ef7ec2",
    "1ae10b594f09e26a7e902ecbd0600691"
  ),
  aead(
    "draft-irtf-cfrg-xchacha-03 A.3.1",
    "xchacha20-poly1305",
    range(0x40, 0x57),
    "bd6d179d3e83d43b9576579493c0e939",
    "c0875924c1c7987947deafd8780acf49"
  ),
  {
    name: "RFC 7748 §5.2: X25519, both vectors",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      for (const [scalar, point, expected] of [
        [
          "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
          "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
          "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
        ],
        [
          "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
          "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
          "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
        ]
      ] as const) {
        yield* sameBytes(Redacted.value(yield* crypto.agree(secret(scalar), bytes(point))), expected, "the secret")
      }
    })
  },
  {
    name: "RFC 7748 §5.2: X25519, a thousand times over its own result",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      let [scalar, point]: [Uint8Array, Uint8Array] = [new Uint8Array(32), new Uint8Array(32)]
      scalar[0] = 9
      point[0] = 9
      for (let i = 1; i <= 1000; i++) {
        const shared = Redacted.value(yield* crypto.agree(Redacted.make(scalar), point))
        ;[scalar, point] = [shared, scalar]
        if (i === 1)
          yield* sameBytes(shared, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079", "after one")
      }
      yield* sameBytes(scalar, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", "after 1 000")
    })
  },
  {
    name: "RFC 7748 §6.1: X25519, public keys and the secret of both sides",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
      yield* sameBytes(yield* crypto.agreementPublicKey(secret(alice)), alicePublic, "Alice's public key")
      yield* sameBytes(yield* crypto.agreementPublicKey(secret(bob)), bobPublic, "Bob's public key")
      yield* sameBytes(Redacted.value(yield* crypto.agree(secret(alice), bytes(bobPublic))), shared, "Alice's secret")
      yield* sameBytes(Redacted.value(yield* crypto.agree(secret(bob), bytes(alicePublic))), shared, "Bob's secret")
    })
  },
  ed25519(
    1,
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
  ),
  ed25519(
    2,
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
  ),
  ed25519(
    3,
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
  ),
  {
    name: "RFC 5869 A.2: HKDF of long inputs, over several blocks",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      const options = { salt: range(0x60, 0xaf), info: range(0xb0, 0xff), length: 82 }
      yield* sameBytes(
        Redacted.value(yield* crypto.hkdf("sha-256", Redacted.make(range(0x00, 0x4f)), options)),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
        "A.2"
      )
    })
  },
  {
    name: "RFC 5869 A.1 and A.3: HKDF with and without salt and info",
    run: Effect.gen(function* () {
      const crypto = yield* Crypto
      const input = Redacted.make(new Uint8Array(22).fill(0x0b))
      const salted = { salt: range(0x00, 0x0c), info: range(0xf0, 0xf9), length: 42 }
      yield* sameBytes(
        Redacted.value(yield* crypto.hkdf("sha-256", input, salted)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        "A.1"
      )
      for (const options of [{}, { salt: new Uint8Array(0) }]) {
        yield* sameBytes(
          Redacted.value(yield* crypto.hkdf("sha-256", input, { ...options, info: new Uint8Array(0), length: 42 })),
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
          "A.3"
        )
      }
    })
  },
  hmac("RFC 4231 §4.2", "sha-256", ...hiThere, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
  hmac(
    "RFC 4231 §4.2",
    "sha-384",
    ...hiThere,
    "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"
  ),
  hmac(
    "RFC 4231 §4.2",
    "sha-512",
    ...hiThere,
    "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
  ),
  hmac(
    "RFC 4231 §4.3",
    "sha-256",
    text("Jefe"),
    text("what do ya want for nothing?"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
  ),
  hmac(
    "RFC 4231 §4.7",
    "sha-256",
    new Uint8Array(131).fill(0xaa),
    text("Test Using Larger Than Block-Size Key - Hash Key First"),
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
  ),
  digest("sha-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  digest("sha-256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ""),
  digest(
    "sha-256",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
  ),
  digest("sha-384", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"),
  digest(
    "sha-512",
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
  )
]
