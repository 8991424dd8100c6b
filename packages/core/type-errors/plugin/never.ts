import * as Plugin from "../../src/app/Plugin.ts"
import { http } from "./parts.ts"

declare const plugin: never
export const app = Plugin.compose(http(), plugin)
