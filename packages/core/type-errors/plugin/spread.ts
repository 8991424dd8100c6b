import * as Plugin from "../../src/app/Plugin.ts"
import { http, memory } from "./parts.ts"

const list = [http(), memory()]
export const app = Plugin.compose(...list)
