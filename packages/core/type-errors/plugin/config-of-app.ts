import * as Plugin from "../../src/app/Plugin.ts"
import { http } from "./parts.ts"

export const layer = Plugin.compose(http()).layer({ http: { port: "80" } })
