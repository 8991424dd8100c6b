import * as App from "../../src/app/App.ts"
import * as Plugin from "../../src/app/Plugin.ts"
import { http } from "./parts.ts"

App.run(Plugin.compose(http()))
