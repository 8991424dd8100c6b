import { runGatewayKit } from "@mortise/core/testing/vitest"
import { webSocketHarness } from "../src/testing.ts"

runGatewayKit(webSocketHarness("net"))
runGatewayKit(webSocketHarness("platform"))
