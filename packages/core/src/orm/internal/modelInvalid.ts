import * as Schema from "effect/Schema"

/** The columns of a model make no table. Thrown where the model is defined. */
export class ModelInvalid extends Schema.TaggedError<ModelInvalid>()("ModelInvalid", {
  model: Schema.String,
  problem: Schema.String
}) {
  get code(): string {
    return "ORM_MODEL_INVALID"
  }
  override get message(): string {
    return `Model "${this.model}": ${this.problem}`
  }
}
