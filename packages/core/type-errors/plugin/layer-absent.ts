import * as Plugin from "../../src/app/Plugin.ts"
import { Server } from "./parts.ts"

export const plugin = Plugin.define({ name: "http", provides: [Server] })
