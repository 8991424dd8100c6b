/**
 * What every layer of `Crypto` must do: vectors of the standards, of Project Wycheproof, and hostile input. Runs anywhere,
 * in browsers too: nothing here needs Node or a test runner.
 *
 * @example
 * runCryptoKit("my layer", MyCrypto.layer, files) // from @mortise/core/testing/vitest
 */
import type { CryptoCase } from "./crypto-kit/Case.ts"
import { hostile } from "./crypto-kit/hostile.ts"
import { vectors } from "./crypto-kit/vectors.ts"

export type { CryptoCase } from "./crypto-kit/Case.ts"
export { type WycheproofFile, type WycheproofName, wycheproof, wycheproofFiles } from "./crypto-kit/wycheproof.ts"

/** All cases but Wycheproof's, whose files are read where there is a file system. */
export const cases: ReadonlyArray<CryptoCase> = [...vectors, ...hostile]
