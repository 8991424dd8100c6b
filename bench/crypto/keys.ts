import { diffieHellman, generateKeyPairSync, sign, verify } from "node:crypto"
import { Crypto } from "@mortise/core/crypto/Crypto"
import * as NodeCrypto from "@mortise/core/crypto/NodeCrypto"
import * as WebCrypto from "@mortise/core/crypto/WebCrypto"
import { ed25519, x25519 } from "@noble/curves/ed25519.js"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { CryptoCase, Loop } from "./Case.ts"
import { loop } from "./mortise.ts"

const repeat =
  (once: () => unknown): Loop =>
  (count) => {
    for (let i = 0; i < count; i++) once()
  }

/** Agreement and signatures; `node` has its keys imported already, which is the least that it can cost. */
export const keys = async (): Promise<ReadonlyArray<CryptoCase>> => {
  const message = new Uint8Array(64)
  const own = generateKeyPairSync("x25519")
  const peer = generateKeyPairSync("x25519")
  const signing = generateKeyPairSync("ed25519")
  const signature = new Uint8Array(sign(null, message, signing.privateKey))
  const crypto = await Effect.runPromise(Effect.provide(Crypto, NodeCrypto.layer))
  const ours = await Effect.runPromise(crypto.agreementKeys)
  const theirs = await Effect.runPromise(crypto.agreementKeys)
  const signer = await Effect.runPromise(crypto.signingKeys)
  const ourSignature = await Effect.runPromise(crypto.sign(signer.privateKey, message))
  const [privateKey, secretKey] = [Redacted.value(ours.privateKey), Redacted.value(signer.privateKey)]
  return [
    {
      name: "x25519/agree",
      ratioTo: "node",
      subjects: {
        node: repeat(() => diffieHellman({ privateKey: own.privateKey, publicKey: peer.publicKey })),
        mortise: await loop(NodeCrypto.layer, (crypto) => crypto.agree(ours.privateKey, theirs.publicKey)),
        "mortise-web": await loop(WebCrypto.layer, (crypto) => crypto.agree(ours.privateKey, theirs.publicKey)),
        noble: repeat(() => x25519.getSharedSecret(privateKey, theirs.publicKey))
      }
    },
    {
      name: "ed25519/sign",
      ratioTo: "node",
      subjects: {
        node: repeat(() => sign(null, message, signing.privateKey)),
        mortise: await loop(NodeCrypto.layer, (crypto) => crypto.sign(signer.privateKey, message)),
        "mortise-web": await loop(WebCrypto.layer, (crypto) => crypto.sign(signer.privateKey, message)),
        noble: repeat(() => ed25519.sign(message, secretKey))
      }
    },
    {
      name: "ed25519/verify",
      ratioTo: "node",
      subjects: {
        node: repeat(() => verify(null, message, signing.publicKey, signature)),
        mortise: await loop(NodeCrypto.layer, (crypto) => crypto.verify(signer.publicKey, message, ourSignature)),
        "mortise-web": await loop(WebCrypto.layer, (crypto) => crypto.verify(signer.publicKey, message, ourSignature)),
        noble: repeat(() => ed25519.verify(ourSignature, message, signer.publicKey))
      }
    }
  ]
}
