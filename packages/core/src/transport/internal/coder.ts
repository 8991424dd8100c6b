import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import type { Wire } from "../Wire.ts"
import { isDeeperThan, isUnbounded } from "./codec.ts"
import { MAX_DEPTH } from "./messagePack.ts"

type Parse = (value: unknown) => Exit.Exit<unknown, Schema.SchemaError>

/** A message's values in and out of the plain data of one wire; compiled by the first message that needs it. */
export class Coder {
  readonly decode: Parse
  readonly encode: Parse
  constructor(wire: Wire, schema: Schema.ConstraintCodec<unknown, unknown> | undefined) {
    const codec = wire.codec(schema ?? Schema.Void)
    if (schema === undefined) {
      // a message without data: whatever stands there is ignored, so that fields may be added later
      this.decode = () => Exit.void
      this.encode = () => Exit.void
      return
    }
    const decode = Schema.decodeUnknownExit(codec)
    this.encode = Schema.encodeUnknownExit(codec)
    this.decode = isUnbounded(schema) ? (value) => (isDeeperThan(value, MAX_DEPTH) ? tooDeep : decode(value)) : decode
  }
}
const tooDeep: Exit.Exit<never, Schema.SchemaError> = Effect.runSyncExit(
  Schema.decodeUnknownEffect(Schema.Never.annotate({ message: `nests deeper than ${MAX_DEPTH} levels` }))(undefined)
)
