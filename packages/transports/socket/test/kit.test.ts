import { runTransportKit } from "@mortise/core/testing/vitest"
import { tcpHarness, unixHarness } from "../src/testing.ts"

runTransportKit(tcpHarness("u32-be"))
runTransportKit(tcpHarness("u64-le"))
runTransportKit(tcpHarness("newline"))
runTransportKit(unixHarness("u32-be"))
