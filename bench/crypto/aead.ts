import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import type { AeadName, CryptoShape } from "@mortise/core/crypto/Crypto"
import * as NodeCrypto from "@mortise/core/crypto/NodeCrypto"
import * as WebCrypto from "@mortise/core/crypto/WebCrypto"
import { gcm } from "@noble/ciphers/aes.js"
import { chacha20poly1305 } from "@noble/ciphers/chacha.js"
import * as Redacted from "effect/Redacted"
import sodium from "libsodium-wrappers"
import type { CryptoCase, Loop } from "./Case.ts"
import { loop } from "./mortise.ts"

const sizes = [
  ["64B", 64],
  ["1KiB", 1024],
  ["32KiB", 32 * 1024]
] as const
const tag = { authTagLength: 16 } as const

/** By hand, as one writes it: the result in one array, as all others give it. */
const nodeSeal = (name: "chacha20-poly1305", key: Uint8Array, nonce: Uint8Array, data: Uint8Array, aad: Uint8Array) => {
  const cipher = createCipheriv(name, key, nonce, tag)
  cipher.setAAD(aad, { plaintextLength: data.length })
  return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()])
}
const nodeOpen = (name: "chacha20-poly1305", key: Uint8Array, nonce: Uint8Array, data: Uint8Array, aad: Uint8Array) => {
  const decipher = createDecipheriv(name, key, nonce, tag)
  decipher.setAAD(aad, { plaintextLength: data.length - 16 })
  decipher.setAuthTag(data.subarray(-16))
  return Buffer.concat([decipher.update(data.subarray(0, -16)), decipher.final()])
}

const repeat =
  (once: () => unknown): Loop =>
  (count) => {
    for (let i = 0; i < count; i++) once()
  }

const casesOf = async (name: AeadName, size: string, length: number): Promise<ReadonlyArray<CryptoCase>> => {
  const [key, nonce] = [randomBytes(32), randomBytes(12)]
  const [data, aad] = [new Uint8Array(randomBytes(length)), new Uint8Array(16)]
  const secret = Redacted.make(new Uint8Array(key))
  const opensslName = name as "chacha20-poly1305"
  const sealed = new Uint8Array(nodeSeal(opensslName, key, nonce, data, aad))
  const noble = name === "aes-256-gcm" ? () => gcm(key, nonce, aad) : () => chacha20poly1305(key, nonce, aad)
  const seal = (crypto: CryptoShape) => crypto.seal(name, secret, nonce, data, aad)
  const open = (crypto: CryptoShape) => crypto.open(name, secret, nonce, sealed, aad)
  await sodium.ready
  const sodiumSeal = () => sodium.crypto_aead_chacha20poly1305_ietf_encrypt(data, aad, null, nonce, key)
  const sodiumOpen = () => sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, aad, nonce, key)
  return [
    {
      name: `${name}/seal/${size}`,
      ratioTo: "node",
      subjects: {
        node: repeat(() => nodeSeal(opensslName, key, nonce, data, aad)),
        mortise: await loop(NodeCrypto.layer, seal),
        "mortise-web": await loop(WebCrypto.layer, seal),
        noble: repeat(() => noble().encrypt(data)),
        ...(name === "chacha20-poly1305" ? { libsodium: repeat(sodiumSeal) } : {})
      }
    },
    {
      name: `${name}/open/${size}`,
      ratioTo: "node",
      subjects: {
        node: repeat(() => nodeOpen(opensslName, key, nonce, sealed, aad)),
        mortise: await loop(NodeCrypto.layer, open),
        "mortise-web": await loop(WebCrypto.layer, open),
        noble: repeat(() => noble().decrypt(sealed)),
        ...(name === "chacha20-poly1305" ? { libsodium: repeat(sodiumOpen) } : {})
      }
    }
  ]
}

export const aead = async (): Promise<ReadonlyArray<CryptoCase>> => {
  const cases: Array<CryptoCase> = []
  for (const name of ["chacha20-poly1305", "aes-256-gcm"] as const) {
    for (const [size, length] of sizes) cases.push(...(await casesOf(name, size, length)))
  }
  return cases
}
