import * as Schema from "effect/Schema"

/**
 * What a run is about to change in an app that is there. `prepare`: new contents are being written beside their places.
 * `commit`: all of them are on the disk, and renaming has begun, so that the next run can finish it.
 */
export class EditJournal extends Schema.Class<EditJournal>("create-mortise/EditJournal")({
  schema: Schema.Literal(2),
  owner: Schema.String,
  /** The process that writes. */
  pid: Schema.Int,
  phase: Schema.Literals(["prepare", "commit"]),
  files: Schema.Array(
    Schema.Struct({
      path: Schema.String,
      /** SHA-256 before, null when there is no such file. */
      before: Schema.NullOr(Schema.String),
      /** SHA-256 after, null when the file goes away. */
      after: Schema.NullOr(Schema.String),
      /** Where the new content waits, relative to the app. */
      temporary: Schema.NullOr(Schema.String)
    })
  )
}) {}

const EditJournalJson = Schema.fromJsonString(EditJournal)
export const print = (journal: EditJournal): string => `${JSON.stringify(Schema.encodeSync(EditJournal)(journal))}\n`
export const parse = Schema.decodeUnknownOption(EditJournalJson)
