import { runTransportKit } from "@mortise/core/testing/vitest"
import { webSocketHarness } from "../src/testing.ts"

runTransportKit(webSocketHarness("net"))
runTransportKit(webSocketHarness("platform"))
