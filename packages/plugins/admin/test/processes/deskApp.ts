// The app that call.test.ts and profile.test.ts start as a process, in a folder of its own.
import * as App from "@mortise/core/app/App"
import * as Plugin from "@mortise/core/app/Plugin"
import { auth } from "@mortise/core/auth/AuthPlugin"
import { gateway } from "@mortise/core/transport/GatewayPlugin"
import { tcp } from "@mortise/transport-socket"
import { admin } from "../../src/index.ts"
import { desk } from "./deskPlugin.ts"

App.run(Plugin.compose(gateway(), tcp(), auth(), admin(), desk()), { name: "desk", config: { tcp: { port: 0 } } })
