import * as Plugin from "../../src/app/Plugin.ts"
import { accounts, http } from "./parts.ts"

export const app = Plugin.compose(accounts(), http())
