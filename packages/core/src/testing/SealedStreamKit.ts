/** What sealed streams promise, on any layer of `Crypto`. Runs anywhere, in browsers too. */
import type { ProtocolCase } from "./secure-kit/Check.ts"
import { streams } from "./secure-kit/streams.ts"

export const cases: ReadonlyArray<ProtocolCase> = streams
