/**
 * What sessions promise, on any layer of `Crypto`: how they start, what they refuse, and what a state gives away. Runs
 * anywhere, in browsers too: nothing here needs Node or a test runner.
 */
import type { ProtocolCase } from "./secure-kit/Check.ts"
import { messages } from "./secure-kit/messages.ts"
import { starts } from "./secure-kit/starts.ts"
import { states } from "./secure-kit/states.ts"
import { suites } from "./secure-kit/suites.ts"

export type { ProtocolCase } from "./secure-kit/Check.ts"

export const cases: ReadonlyArray<ProtocolCase> = [...starts, ...suites, ...messages, ...states]
