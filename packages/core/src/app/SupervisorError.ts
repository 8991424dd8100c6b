/** What a supervisor refuses. */
import * as Schema from "effect/Schema"
import * as Errors from "./Errors.ts"

/** A fiber of this name is supervised already and has not ended. */
export class SupervisedNameTaken extends Errors.make<SupervisedNameTaken>()(
  "SupervisedNameTaken",
  { component: "app", code: "SUPERVISOR_NAME_TAKEN", status: 409 },
  { name: Schema.String }
) {
  override get message(): string {
    return `"${this.name}" is supervised already. Stop it first, or start this under another name.`
  }
}

/** As many fibers as the supervisor takes are under way. */
export class SupervisorFull extends Errors.make<SupervisorFull>()(
  "SupervisorFull",
  { component: "app", code: "SUPERVISOR_FULL", status: 503, retryable: true },
  { name: Schema.String, maxFibers: Schema.Int }
) {
  override get message(): string {
    return `"${this.name}" was not started: ${this.maxFibers} fibers are supervised already, which is maxFibers.`
  }
}

/** No fiber of this name is known: it was never started, or it has ended long ago. */
export class NotSupervised extends Errors.make<NotSupervised>()(
  "NotSupervised",
  { component: "app", code: "SUPERVISOR_UNKNOWN_NAME", status: 404 },
  { name: Schema.String }
) {
  override get message(): string {
    return `Nothing of the name "${this.name}" is supervised. The list has the names that are known.`
  }
}
