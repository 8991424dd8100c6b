import { createHash } from "node:crypto"
import * as Schema from "effect/Schema"

/**
 * One file that a plan creates, changes or removes. Data only: printing, JSON, tests and {@link file://./Apply.ts apply} interpret
 * the same value.
 */
export class Change extends Schema.Class<Change>("create-mortise/Change")({
  /** Relative to the plan's root, `/` between segments. */
  path: Schema.String,
  /** SHA-256 of what the file held when the plan was made, in hex; null when there was none. */
  before: Schema.NullOr(Schema.String),
  content: Schema.String,
  encoding: Schema.Literals(["utf8", "base64"]),
  executable: Schema.Boolean,
  /** The file goes away; `content` is empty. */
  removed: Schema.optionalKey(Schema.Boolean)
}) {
  get kind(): "create" | "update" | "delete" {
    return this.removed === true ? "delete" : this.before === null ? "create" : "update"
  }
  get bytes(): Uint8Array {
    return Buffer.from(this.content, this.encoding)
  }
  /** SHA-256 of the content, in hex. */
  get sha256(): string {
    return sha256(this.bytes)
  }
}

/** Everything that a run will do to the disk. */
export class Plan extends Schema.Class<Plan>("create-mortise/Plan")({
  /** The project's folder, absolute. */
  root: Schema.String,
  /** What wrote the plan: `template@version`. */
  owner: Schema.String,
  changes: Schema.Array(Change)
}) {}

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex")
