/** Raw keys of RFC 7748 and RFC 8032 in the encodings of RFC 8410, which Node takes. */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto"
import * as Redacted from "effect/Redacted"
import { equal, type Secret } from "../Crypto.ts"

export type Curve = "x25519" | "ed25519"

/** RFC 8410 §4: SubjectPublicKeyInfo before the 32 bytes of the key. */
const publicPrefix: Readonly<Record<Curve, Uint8Array>> = {
  x25519: Buffer.from("302a300506032b656e032100", "hex"),
  ed25519: Buffer.from("302a300506032b6570032100", "hex")
}
/** RFC 8410 §7: PKCS #8 before the 32 bytes of the key. */
const privatePrefix: Readonly<Record<Curve, Uint8Array>> = {
  x25519: Buffer.from("302e020100300506032b656e04220420", "hex"),
  ed25519: Buffer.from("302e020100300506032b657004220420", "hex")
}

/** Importing costs more than using: a key that is kept is imported once. The bytes of an array may change, so they are compared. */
interface Imported {
  readonly bytes: Uint8Array
  readonly key: KeyObject
}
const importedPublic: Readonly<Record<Curve, WeakMap<Uint8Array, Imported>>> = {
  x25519: new WeakMap(),
  ed25519: new WeakMap()
}

export const importPublic = (curve: Curve, raw: Uint8Array): KeyObject => {
  const known = importedPublic[curve].get(raw)
  if (known !== undefined && equal(known.bytes, raw)) return known.key
  const key = createPublicKey({ key: Buffer.concat([publicPrefix[curve], raw]), format: "der", type: "spki" })
  importedPublic[curve].set(raw, { bytes: raw.slice(), key })
  return key
}

const imported: Readonly<Record<Curve, WeakMap<Secret, KeyObject>>> = {
  x25519: new WeakMap(),
  ed25519: new WeakMap()
}

export const importPrivate = (curve: Curve, secret: Secret): KeyObject => {
  const known = imported[curve].get(secret)
  if (known !== undefined) return known
  const der = Buffer.concat([privatePrefix[curve], Redacted.value(secret)])
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" })
  der.fill(0)
  imported[curve].set(secret, key)
  return key
}

export const exportPublic = (key: KeyObject): Uint8Array => {
  const der = (key.type === "private" ? createPublicKey(key as never) : key).export({ format: "der", type: "spki" })
  return new Uint8Array(der.subarray(-32))
}

export const exportPrivate = (key: KeyObject): Secret =>
  Redacted.make(new Uint8Array(key.export({ format: "der", type: "pkcs8" }).subarray(-32)))
