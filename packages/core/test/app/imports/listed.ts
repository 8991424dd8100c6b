/** Imports what an app imports, and prints every module that was loaded for it: with "prepared" after `Imports.prepare`. */
import { registerHooks } from "node:module"

const loaded: Array<string> = []
registerHooks({
  load: (url, context, next) => {
    loaded.push(url)
    return next(url, context)
  }
})
const Imports = await import("../../../src/app/Imports.ts")
if (process.argv[2] === "prepared") Imports.prepare()
await import("../../../src/app/App.ts")
await import("../../../src/transport/Gateway.ts")
await import("../../../src/http/HttpPlugin.ts")
console.log(JSON.stringify(loaded.filter((url) => url.startsWith("file:")).toSorted()))
