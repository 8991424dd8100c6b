/** What a supervisor refuses. */
import * as Schema from "effect/Schema"

/** A fiber of this name is supervised already and has not ended. */
export class SupervisedNameTaken extends Schema.TaggedError<SupervisedNameTaken>()("SupervisedNameTaken", {
  name: Schema.String
}) {
  get code(): string {
    return "SUPERVISOR_NAME_TAKEN"
  }
  override get message(): string {
    return `"${this.name}" is supervised already. Stop it first, or start this under another name.`
  }
}

/** As many fibers as the supervisor takes are under way. */
export class SupervisorFull extends Schema.TaggedError<SupervisorFull>()("SupervisorFull", {
  name: Schema.String,
  maxFibers: Schema.Int
}) {
  get code(): string {
    return "SUPERVISOR_FULL"
  }
  override get message(): string {
    return `"${this.name}" was not started: ${this.maxFibers} fibers are supervised already, which is maxFibers.`
  }
}

/** No fiber of this name is known: it was never started, or it has ended long ago. */
export class NotSupervised extends Schema.TaggedError<NotSupervised>()("NotSupervised", { name: Schema.String }) {
  get code(): string {
    return "SUPERVISOR_UNKNOWN_NAME"
  }
  override get message(): string {
    return `Nothing of the name "${this.name}" is supervised. The list has the names that are known.`
  }
}
