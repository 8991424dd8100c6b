import * as Plugin from "../../src/app/Plugin.ts"
import { http } from "./parts.ts"

const other = Plugin.define({ name: "http" })
export const app = Plugin.compose(http(), other())
