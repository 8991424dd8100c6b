import * as Plugin from "../../src/app/Plugin.ts"
import { memory, sqlite } from "./parts.ts"

declare const dev: boolean
export const app = Plugin.compose(dev ? memory() : sqlite({ file: "shop.db" }))
