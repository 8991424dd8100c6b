/** Project Wycheproof's vectors (C2SP/wycheproof, testvectors_v1), one case for each test of a file. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import { type AeadName, Crypto, type CryptoShape } from "../../crypto/Crypto.ts"
import { bytes, type CryptoCase, hex, same, secret } from "./Case.ts"

interface Test {
  readonly tcId: number
  readonly comment: string
  readonly result: "valid" | "invalid" | "acceptable"
  readonly [field: string]: unknown
}
interface Group {
  readonly tests: ReadonlyArray<Test>
  readonly keySize?: number
  readonly ivSize?: number
  readonly publicKey?: { readonly pk: string }
}
/** One parsed file. */
export interface WycheproofFile {
  readonly testGroups: ReadonlyArray<Group>
}

type Attempt = (crypto: CryptoShape, test: Test, group: Group) => Effect.Effect<boolean, unknown>

/** A `valid` test must give what it says, an `invalid` one must not; an `acceptable` one may be refused. */
const judge = (test: Test, exit: Exit.Exit<boolean, unknown>) => {
  const good = Exit.isSuccess(exit) && exit.value
  if (Exit.hasDies(exit)) return Effect.die(exit)
  if (test.result === "acceptable") return same(good || Exit.isFailure(exit), true, "neither right nor refused")
  return same(good, test.result === "valid", `${test.result}, and it was`)
}

const casesOf = (
  file: string,
  { testGroups }: WycheproofFile,
  attempt: Attempt,
  applies: (group: Group) => boolean = () => true
): ReadonlyArray<CryptoCase> =>
  testGroups.filter(applies).flatMap((group) =>
    group.tests.map((test) => ({
      name: `wycheproof ${file} ${test.tcId}: ${test.comment || test.result}`,
      run: Effect.flatMap(Crypto, (crypto) =>
        Effect.flatMap(Effect.exit(attempt(crypto, test, group)), (exit) => judge(test, exit))
      )
    }))
  )

const field = (test: Test, name: string): string => test[name] as string

const aead =
  (name: AeadName): Attempt =>
  (crypto, test) =>
    Effect.gen(function* () {
      const [key, nonce] = [secret(field(test, "key")), bytes(field(test, "iv"))]
      const associated = bytes(field(test, "aad"))
      const sealed = field(test, "ct") + field(test, "tag")
      const opened = yield* crypto.open(name, key, nonce, bytes(sealed), associated)
      const again = yield* crypto.seal(name, key, nonce, opened, associated)
      return hex(opened) === field(test, "msg") && hex(again) === sealed
    })

const x25519: Attempt = (crypto, test) =>
  Effect.map(
    crypto.agree(secret(field(test, "private")), bytes(field(test, "public"))),
    (shared) => hex(Redacted.value(shared)) === field(test, "shared")
  )

const hkdf: Attempt = (crypto, test) =>
  Effect.map(
    crypto.hkdf("sha-256", secret(field(test, "ikm")), {
      salt: bytes(field(test, "salt")),
      info: bytes(field(test, "info")),
      length: test["size"] as number
    }),
    (derived) => hex(Redacted.value(derived)) === field(test, "okm")
  )

const ed25519: Attempt = (crypto, test, group) =>
  crypto.verify(bytes(group.publicKey?.pk ?? ""), bytes(field(test, "msg")), bytes(field(test, "sig")))

/** The files that the kit knows. AES with other keys or nonces than those of `aes-256-gcm` is not offered, so not tried. */
export const wycheproofFiles = [
  "aes_gcm_test.json",
  "chacha20_poly1305_test.json",
  "xchacha20_poly1305_test.json",
  "x25519_test.json",
  "hkdf_sha256_test.json",
  "ed25519_test.json"
] as const
export type WycheproofName = (typeof wycheproofFiles)[number]

export const wycheproof = (name: WycheproofName, file: WycheproofFile): ReadonlyArray<CryptoCase> => {
  switch (name) {
    case "aes_gcm_test.json":
      return casesOf(name, file, aead("aes-256-gcm"), ({ ivSize, keySize }) => keySize === 256 && ivSize === 96)
    case "chacha20_poly1305_test.json":
      return casesOf(name, file, aead("chacha20-poly1305"))
    case "xchacha20_poly1305_test.json":
      return casesOf(name, file, aead("xchacha20-poly1305"))
    case "x25519_test.json":
      return casesOf(name, file, x25519)
    case "hkdf_sha256_test.json":
      return casesOf(name, file, hkdf)
    case "ed25519_test.json":
      return casesOf(name, file, ed25519)
  }
}
