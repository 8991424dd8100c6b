import { deflate, masked, through } from "@mortise/core/testing/FrameTransforms"
import { runTransportKit } from "@mortise/core/testing/vitest"
import { tcpHarness } from "../src/testing.ts"

runTransportKit(through(tcpHarness(), [deflate, masked]))
