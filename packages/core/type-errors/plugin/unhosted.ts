import * as Plugin from "../../src/app/Plugin.ts"
import { accounts, memory } from "./parts.ts"

export const app = Plugin.compose(accounts(), memory())
