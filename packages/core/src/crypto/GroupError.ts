/** Why nothing was done with a group. The group stands as it was. */
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"

export class GroupError extends Errors.make<GroupError>()(
  "GroupError",
  {
    component: "crypto",
    prefix: "GROUP",
    reasons: {
      malformed: { status: 400 },
      "other-protocol": { status: 400 },
      "other-group": { status: 400 },
      "not-a-member": { status: 403, retryable: true },
      "too-many-members": { status: 409 },
      "unknown-key": { status: 409, retryable: true },
      forged: { status: 400 },
      altered: { status: 400 },
      expired: { status: 410 },
      "too-many-skipped": { status: 409 }
    }
  },
  {
    /**
     * `malformed`: not a message or delivery of a group. `other-protocol`, `other-group`: of another implementation or group.
     * `not-a-member`: the one it is from, or about, is not in the group; a new member may be
     * heard before the one who added it, so try again later. `too-many-members`: more than the group may have.
     * `unknown-key`: the sender's key has not come yet, or is gone. `forged`: the signature is not the sender's over this
     * message and associated data: it was changed on its way, or is by somebody else. `altered`: signed by the sender, and still
     * not to be opened with their key. `expired`: its key was
     * dropped because it came too late. `too-many-skipped`: more messages before it are missing than keys may be kept.
     */
    reason: Schema.Literals([
      "malformed",
      "other-protocol",
      "other-group",
      "not-a-member",
      "too-many-members",
      "unknown-key",
      "forged",
      "altered",
      "expired",
      "too-many-skipped"
    ]),
    message: Schema.String
  }
) {}
