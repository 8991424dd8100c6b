import * as NodeCrypto from "../../src/crypto/NodeCrypto.ts"
import * as WebCrypto from "../../src/crypto/WebCrypto.ts"
import { runProtocolKits } from "../../src/testing/vitest.ts"

runProtocolKits("NodeCrypto", NodeCrypto.layer)
runProtocolKits("WebCrypto", WebCrypto.layer)
