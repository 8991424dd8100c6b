/** What groups promise, for any `GroupCrypto` on any layer of `Crypto`. Runs anywhere, in browsers too. */
import type { Crypto } from "../crypto/Crypto.ts"
import type { GroupCrypto } from "../crypto/GroupCrypto.ts"
import type { ProtocolCase } from "./secure-kit/Check.ts"
import { groups } from "./secure-kit/groups.ts"

export const cases: ReadonlyArray<ProtocolCase<GroupCrypto | Crypto>> = groups
