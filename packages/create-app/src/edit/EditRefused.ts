import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"

/** A file has no safe place for an edit. Nothing was changed; the code to write by hand comes with it. */
export class EditRefused extends Errors.make<EditRefused>()(
  "EditRefused",
  { component: "create-app", code: "EDIT_REFUSED", status: 422 },
  {
    file: Schema.String,
    reason: Schema.String,
    /** What to write by hand; empty when that is not known yet. */
    paste: Schema.String
  }
) {
  override get message() {
    const byHand = this.paste === "" ? "" : `\n\nBy hand it is:\n\n${this.paste}`
    return `${this.file}: ${this.reason}. Nothing was changed.${byHand}`
  }
}

/** Why an edit finds no place; thrown inside this folder, and made an {@link EditRefused} at its edge. */
export class NoPlace extends Error {}
