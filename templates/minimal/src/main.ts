import * as Imports from "@mortise/core/app/Imports"

// before the app is imported: that is what takes time
Imports.prepare()
const App = await import("@mortise/core/app/App")
const { app } = await import("./app.ts")
const { config } = await import("./config.ts")

App.run(app, { name: "mortise-app", config })
