/** The page's half of `cryptoInBrowser.test.ts`: runs a list of cases on `WebCrypto.layer`, and tells what failed. */
import * as SenderKeys from "@mortise/core/crypto/SenderKeys"
import * as WebCrypto from "@mortise/core/crypto/WebCrypto"
import * as CryptoKit from "@mortise/core/testing/CryptoKit"
import * as GroupCryptoKit from "@mortise/core/testing/GroupCryptoKit"
import * as SealedStreamKit from "@mortise/core/testing/SealedStreamKit"
import * as SecureSessionKit from "@mortise/core/testing/SecureSessionKit"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

export interface Outcome {
  readonly ran: number
  readonly failures: ReadonlyArray<string>
}

const run = async (cases: ReadonlyArray<CryptoKit.CryptoCase>): Promise<Outcome> => {
  const failures: Array<string> = []
  for (const { name, run } of cases) {
    const exit = await Effect.runPromiseExit(Effect.provide(run, WebCrypto.layer))
    if (Exit.isFailure(exit)) failures.push(`${name}: ${Cause.pretty(exit.cause)}`)
  }
  return { ran: cases.length, failures }
}

const groups = GroupCryptoKit.cases.map(({ name, run }) => ({ name, run: Effect.provide(run, SenderKeys.layer()) }))

const kit = {
  cases: () => run(CryptoKit.cases),
  protocols: () => run([...SecureSessionKit.cases, ...SealedStreamKit.cases, ...groups]),
  wycheproof: (name: CryptoKit.WycheproofName, file: CryptoKit.WycheproofFile) => run(CryptoKit.wycheproof(name, file))
}
export type Kit = typeof kit

Object.assign(globalThis, { kit })

// so that the bundle holds all that a page may import
export * as Encoding from "@mortise/core/crypto/Encoding"
export * as JustIrc from "@mortise/core/crypto/interop/JustIrc"
export * as KeyRing from "@mortise/core/crypto/KeyRing"
