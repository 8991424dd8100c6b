import { existsSync } from "node:fs"
import * as Environment from "@mortise/core/app/Environment"

// variables may stand in a file; what the environment has goes before it
if (existsSync(".env")) process.loadEnvFile()

/** Where the app listens unless the environment says otherwise: `PORT=8080 npm start`; 0 takes any free port. */
export const port = 7420

/** One section for each plugin that can be configured; checked before anything starts. */
export const config = Environment.config({
  http: { host: Environment.string("HOST", "127.0.0.1"), port: Environment.number("PORT", port) }
})
