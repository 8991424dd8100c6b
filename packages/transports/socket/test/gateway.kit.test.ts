import { runGatewayKit } from "@mortise/core/testing/vitest"
import { tcpHarness, unixHarness } from "../src/testing.ts"

runGatewayKit(tcpHarness())
runGatewayKit(unixHarness())
