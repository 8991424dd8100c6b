import * as WebCrypto from "../../src/crypto/WebCrypto.ts"
import { runCryptoKit } from "../../src/testing/vitest.ts"
import { files } from "./wycheproofFiles.ts"

runCryptoKit("WebCrypto", WebCrypto.layer, files)
