import * as Plugin from "../../src/app/Plugin.ts"
import { http } from "./parts.ts"

const plugin: Plugin.Any = http()
export const app = Plugin.compose(plugin)
