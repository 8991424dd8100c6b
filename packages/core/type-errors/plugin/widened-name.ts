import * as Plugin from "../../src/app/Plugin.ts"

declare const name: string
const plugin = Plugin.define({ name })
export const app = Plugin.compose(plugin())
