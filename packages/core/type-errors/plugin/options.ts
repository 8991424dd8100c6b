import { sqlite } from "./parts.ts"

export const plugin = sqlite({ fil: "shop.db" })
