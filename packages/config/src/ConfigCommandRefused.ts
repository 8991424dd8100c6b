import * as Errors from "@mortise/core/app/Errors"
import * as Schema from "effect/Schema"

/** The command line is wrong, or what it asks for cannot be done; nothing was written. */
export class ConfigCommandRefused extends Errors.make<ConfigCommandRefused>()(
  "ConfigCommandRefused",
  { component: "config", code: "CONFIG_COMMAND_REFUSED", status: 400 },
  { reason: Schema.String }
) {
  override get message(): string {
    return this.reason
  }
}
