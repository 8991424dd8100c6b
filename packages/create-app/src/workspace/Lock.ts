import * as Schema from "effect/Schema"
import type { Change } from "./Plan.ts"

/** Where the lock file stands in an app. */
export const lockPath = ".mortise/lock.json"

/** A file that a generator wrote. */
export class GeneratedFile extends Schema.Class<GeneratedFile>("create-mortise/GeneratedFile")({
  path: Schema.String,
  /** Who wrote it: `template@version`. */
  owner: Schema.String,
  /** SHA-256 of the content as written, in hex: it tells the user's edits from the generator's. */
  sha256: Schema.String
}) {}

/** A plugin that `add` put into the app, and what it did for that: what was there before is not taken away again. */
export class AddedPlugin extends Schema.Class<AddedPlugin>("create-mortise/AddedPlugin")({
  name: Schema.String,
  package: Schema.String,
  version: Schema.String,
  from: Schema.String,
  factory: Schema.String,
  /** The import was not there before. */
  imported: Schema.Boolean,
  /** The package was not among the dependencies before. */
  dependency: Schema.Boolean,
  /** Sections written into `src/config.ts`. */
  sections: Schema.Array(Schema.String),
  /** Variables written into `.env.example`. */
  variables: Schema.Array(Schema.String),
  /** Whether the parts came that the template has for it. */
  parts: Schema.Boolean,
  /** It was not asked for: another plugin needed it. */
  also: Schema.optionalKey(Schema.Literal(true))
}) {}

/** What an app was made from, kept in the app so that later commands can tell its parts from the user's own. */
export class Lock extends Schema.Class<Lock>("create-mortise/Lock")({
  /** Version of this file's form. */
  schema: Schema.Literal(1),
  /** Version of create-mortise. */
  generator: Schema.String,
  /** Left out in an app that no template made. */
  template: Schema.optionalKey(Schema.Struct({ name: Schema.String, version: Schema.String })),
  name: Schema.String,
  answers: Schema.Record(Schema.String, Schema.Json),
  files: Schema.Array(GeneratedFile),
  plugins: Schema.optionalKey(Schema.Array(AddedPlugin)),
  /** What edits had to make around themselves, to be taken back when nothing needs it any more. */
  made: Schema.optionalKey(Schema.Array(Schema.Literals(["lines of src/app.ts", "dependencies of package.json"])))
}) {}

const LockJson = Schema.fromJsonString(Lock)

/** The lock file's text; the same plan gives the same text. */
export const print = (lock: Lock): string => `${JSON.stringify(Schema.encodeSync(Lock)(lock), null, 2)}\n`

/** Reads a lock file's text. */
export const parse = Schema.decodeUnknownEffect(LockJson)

/** The records of the files that a plan writes. */
export const filesOf = (changes: ReadonlyArray<Change>, owner: string): ReadonlyArray<GeneratedFile> =>
  changes.map((change) => new GeneratedFile({ path: change.path, owner, sha256: change.sha256 }))
