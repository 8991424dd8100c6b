import * as Plugin from "../../src/app/Plugin.ts"
import { http, type memory } from "./parts.ts"

declare const rest: [ReturnType<typeof memory>?]
export const app = Plugin.compose(http(), ...rest)
