/** What the commands of the owner, and the app on the other side of the socket, refuse. */
import * as Errors from "@mortise/core/app/Errors"
import * as Schema from "effect/Schema"

/** The command line is wrong, or no app answers. */
export class AdminCommandRefused extends Errors.make<AdminCommandRefused>()(
  "AdminCommandRefused",
  { component: "admin", code: "ADMIN_COMMAND_REFUSED", status: 400 },
  { reason: Schema.String }
) {
  override get message(): string {
    return this.reason
  }
}

/** The app answered a call with an error that its contract declares, or with a fault. */
export class AdminCallFailed extends Errors.make<AdminCallFailed>()(
  "AdminCallFailed",
  { component: "admin", code: "ADMIN_CALL_FAILED", status: 502 },
  {
    /** What whoever called is shown: JSON, or a sentence. */
    text: Schema.String,
    json: Schema.Boolean
  }
) {
  override get message(): string {
    return this.text
  }
}

/** The app does not profile: it does already, the file cannot be made, or the profiler failed. */
export class AdminProfileRefused extends Errors.make<AdminProfileRefused>()(
  "AdminProfileRefused",
  {
    component: "admin",
    prefix: "ADMIN_PROFILE",
    reasons: { busy: { status: 409, retryable: true }, file: { status: 409 }, failed: { status: 500 } }
  },
  { reason: Schema.Literals(["busy", "file", "failed"]), message: Schema.String }
) {}
