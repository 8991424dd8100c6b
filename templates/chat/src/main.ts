import { enableCompileCache } from "node:module"

// before the app is imported: that is what takes time
enableCompileCache()
const App = await import("@mortise/core/app/App")
const { app } = await import("./app.ts")
const { config } = await import("./config.ts")

App.run(app, { name: "mortise-app", config })
