import * as Plugin from "../../src/app/Plugin.ts"
import { memory, sqlite } from "./parts.ts"

export const app = Plugin.compose(sqlite({ file: "shop.db" }), memory())
