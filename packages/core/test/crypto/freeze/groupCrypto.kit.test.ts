/** The contract of `GroupCrypto` on an implementation that has little in common with sender keys. */
import * as Layer from "effect/Layer"
import * as NodeCrypto from "../../../src/crypto/NodeCrypto.ts"
import { runGroupCryptoKit } from "../../../src/testing/vitest.ts"
import * as EpochGroup from "./EpochGroup.ts"

runGroupCryptoKit("epochs", Layer.provideMerge(EpochGroup.layer, NodeCrypto.layer))
