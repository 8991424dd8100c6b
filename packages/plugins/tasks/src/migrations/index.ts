// Lists the migrations of this folder in their order. Written anew whenever one is generated.
import type { Migration } from "@mortise/core/orm/Migration"
import m0001 from "./0001_tasks.ts"

export const migrations: ReadonlyArray<Migration> = [m0001]
