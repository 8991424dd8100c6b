import * as Plugin from "../../src/app/Plugin.ts"

declare const dev: boolean
const plugin = Plugin.define({ name: dev ? "memory" : "sqlite" })
export const app = Plugin.compose(plugin())
