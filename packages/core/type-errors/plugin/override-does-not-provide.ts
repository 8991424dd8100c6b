import * as Plugin from "../../src/app/Plugin.ts"
import { http, sqlite } from "./parts.ts"

export const plugin = Plugin.override(sqlite, http())
