import * as Plugin from "../../src/app/Plugin.ts"
import { http, memory } from "./parts.ts"

export const app = Plugin.compose(http(), memory)
