import * as NodeCrypto from "../../src/crypto/NodeCrypto.ts"
import { runCryptoKit } from "../../src/testing/vitest.ts"
import { files } from "./wycheproofFiles.ts"

runCryptoKit("NodeCrypto", NodeCrypto.layer, files)
