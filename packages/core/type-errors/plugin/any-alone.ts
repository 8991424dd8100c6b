import * as Plugin from "../../src/app/Plugin.ts"

declare const plugin: any
export const layer = Plugin.compose(plugin).layer({})
