/** The supervisor as a plugin: one for the whole app, whose fibers end with it. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Plugin from "./Plugin.ts"
import * as Supervisor from "./Supervisor.ts"

const config = Schema.Struct({
  /** See `Supervisor.Options`. */
  maxFibers: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 })))
}).pipe(Schema.withDecodingDefaultKey(Effect.succeed({})))

/** Provides `Supervisor`, configured under `supervisor`. */
export const supervisor = Plugin.define({
  name: "supervisor",
  config,
  provides: [Supervisor.Supervisor],
  layer: ({ config }) => Supervisor.layer(config)
})
