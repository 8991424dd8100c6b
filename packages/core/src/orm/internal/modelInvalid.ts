import * as Schema from "effect/Schema"
import * as Errors from "../../app/Errors.ts"

/** The columns of a model make no table. Thrown where the model is defined. */
export class ModelInvalid extends Errors.make<ModelInvalid>()(
  "ModelInvalid",
  { component: "orm", code: "ORM_MODEL_INVALID", status: 500 },
  {
    model: Schema.String,
    problem: Schema.String
  }
) {
  override get message(): string {
    return `Model "${this.model}": ${this.problem}`
  }
}
