import { enableCompileCache } from "node:module"

// before the app is imported: that is what takes time
enableCompileCache()
const App = await import("@mortise/core/app/App")
const ConfigSources = await import("@mortise/config/ConfigSources")
const { app } = await import("./app.ts")
const { config } = await import("./config.ts")

const name = "mortise-app"
// what files in config/, variables and flags say goes before what code says
App.run(app, { name, config: ConfigSources.read(app, { name, config }) })
