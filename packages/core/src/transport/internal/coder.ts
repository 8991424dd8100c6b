import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { InvalidPayload, type PayloadCoder, type Wire } from "../Wire.ts"
import { describe, isDeeperThan, isUnbounded } from "./codec.ts"
import { MAX_DEPTH } from "./depth.ts"

type Payload = Schema.ConstraintCodec<unknown, unknown>

/** For messages without data: whatever stands there is ignored, so that fields may be added later. */
const nothing: PayloadCoder = { read: () => undefined, prepare: () => undefined }

/** The coder of a message on a wire: the wire's own, or one by plain data. */
export const coderFor = (wire: Wire, schema: Payload | undefined): PayloadCoder =>
  schema === undefined ? nothing : (wire.coder?.(schema) ?? plainCoder(wire.codec(schema)))

/** By plain data and the schema's compiled parser: the general way, which has the last word on what is valid. */
export const plainCoder = (codec: Schema.Codec<unknown, unknown>): PayloadCoder => {
  const decode = Schema.decodeUnknownExit(codec)
  const encode = Schema.encodeUnknownExit(codec)
  const unbounded = isUnbounded(codec)
  return {
    read: (payload) => {
      if (unbounded && isDeeperThan(payload, MAX_DEPTH))
        return new InvalidPayload([], `It nests deeper than ${MAX_DEPTH} levels`)
      const exit = decode(payload)
      return Exit.isSuccess(exit) ? exit.value : invalid(exit.cause)
    },
    prepare: (value) => {
      const exit = encode(value)
      return Exit.isSuccess(exit) ? exit.value : invalid(exit.cause)
    }
  }
}

const invalid = (cause: Cause.Cause<Schema.SchemaError>): InvalidPayload => {
  const error = Cause.squash(cause)
  if (!Schema.isSchemaError(error)) return new InvalidPayload([], "its schema threw", false, error)
  const { message, path } = describe(error)
  return new InvalidPayload(path, message)
}
