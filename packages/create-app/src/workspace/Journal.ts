import { basename } from "node:path"
import * as Schema from "effect/Schema"

/** Where the journal stands while a plan is applied; it is gone when the plan is on the disk. */
export const journalPath = ".mortise/journal.json"

/** What a run is about to write: found later, it says that the run was killed, and which files are its own. */
export class Journal extends Schema.Class<Journal>("create-mortise/Journal")({
  schema: Schema.Literal(1),
  owner: Schema.String,
  files: Schema.Array(Schema.Struct({ path: Schema.String, sha256: Schema.String }))
}) {}

const JournalJson = Schema.fromJsonString(Journal)
export const print = (journal: Journal): string => `${JSON.stringify(Schema.encodeSync(Journal)(journal))}\n`
export const parse = Schema.decodeUnknownOption(JournalJson)

/** Name of the file that is renamed to `path` once it is whole and on the disk. */
export const temporaryName = (path: string, random: string): string => `.${basename(path)}.${random}.mortise-tmp`
export const isTemporary = (path: string): boolean => /^\..+\.[0-9a-f]+\.mortise-tmp$/.test(basename(path))
