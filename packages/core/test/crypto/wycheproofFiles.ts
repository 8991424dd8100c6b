import { readFileSync } from "node:fs"
import { type WycheproofFile, type WycheproofName, wycheproofFiles } from "../../src/testing/CryptoKit.ts"

const read = (name: WycheproofName): WycheproofFile =>
  JSON.parse(readFileSync(new URL(`./vectors/wycheproof/${name}`, import.meta.url), "utf8")) as WycheproofFile

/** Project Wycheproof's vectors (C2SP/wycheproof, testvectors_v1, commit dac1dd47, August 2026; Apache 2.0). */
export const files = Object.fromEntries(wycheproofFiles.map((name) => [name, read(name)])) as {
  readonly [K in WycheproofName]: WycheproofFile
}
