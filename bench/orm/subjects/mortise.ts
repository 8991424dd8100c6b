import * as Sqlite from "@mortise/orm/Sqlite"
import { subjectOn } from "../repositories.ts"
import type { Subject } from "../shared.ts"

export const open = (file: string): Subject => subjectOn(Sqlite.layer({ file }))
