import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Task from "../../tasks/Task.ts"
import type { World } from "../gateway-kit/World.ts"

export class KitError extends Schema.TaggedError<KitError>()("KitError", { why: Schema.String }) {
  override get message(): string {
    return `the kit says ${this.why}`
  }
}

const key = { key: Schema.String }
const exact = { delay: 1000, factor: 2, jitter: 0 } as const

/** Gives back what it gets, at once. */
export const Say = Task.make("kit.say", { payload: { text: Schema.String }, success: Schema.String })

/** Waits until the case opens the gate of its key. */
export const Gated = Task.make("kit.gated", { payload: key, success: Schema.String, retry: { ...exact, tries: 3 } })

/** As `Gated`, two at a time. */
export const Limited = Task.make("kit.limited", { payload: key, success: Schema.String, concurrency: 2 })

/** Fails with the declared error so often; then it succeeds with the number of its run. */
export const Flaky = Task.make("kit.flaky", {
  payload: { ...key, failures: Schema.Int, why: Schema.optionalKey(Schema.String) },
  success: Schema.Int,
  error: KitError,
  retry: { ...exact, tries: 3 },
  permanent: ({ why }) => why === "for good"
})

/** Has a bug. */
export const Buggy = Task.make("kit.buggy", { retry: { ...exact, tries: 2 } })

/** Never returns; `deaf` cannot even be interrupted. */
export const Endless = Task.make("kit.endless", {
  payload: { ...key, deaf: Schema.Boolean },
  timeout: "2 seconds",
  retry: { ...exact, tries: 2 }
})

/** One task for each text. */
export const Once = Task.make("kit.once", {
  payload: { text: Schema.String },
  success: Schema.String,
  idempotencyKey: ({ text }) => text
})

/** Reports progress, and waits for its gate in between. */
export const Reporting = Task.make("kit.reporting", { payload: key })

/** Gives a result that its schema does not allow. */
export const Wrong = Task.make("kit.wrong", { success: Schema.String.check(Schema.isMaxLength(3)) })

/** Dates, bytes and big integers there and back. */
export const Rich = Task.make("kit.rich", {
  payload: { bytes: Schema.Uint8Array, big: Schema.BigInt, at: Schema.DateTimeUtc },
  success: Schema.Struct({ bytes: Schema.Uint8Array, big: Schema.BigInt, at: Schema.DateTimeUtc })
})

/** Handlers of all of them, which tell the world what they do. */
export const handlers = (world: World) =>
  [
    Task.handler(Say, ({ text }) => Effect.sync(() => (world.note(`say ${text}`), text))),
    Task.handler(Gated, ({ key }) => world.pass(key)),
    Task.handler(Limited, ({ key }) => world.pass(key)),
    Task.handler(Flaky, ({ failures, key, why = "no" }, run) => {
      world.note(`try ${key} ${run.attempt}${run.last ? " last" : ""}`)
      return run.attempt <= failures ? Effect.fail(new KitError({ why })) : Effect.succeed(run.attempt)
    }),
    Task.handler(Buggy, () => {
      world.note("bug")
      return Effect.die(new Error("a bug of the kit"))
    }),
    Task.handler(Endless, ({ deaf, key }) => (deaf ? Effect.uninterruptible(world.pass(key)) : world.pass(key))),
    Task.handler(Once, ({ text }) => Effect.sync(() => (world.note(`once ${text}`), text))),
    Task.handler(Reporting, ({ key }, run) =>
      run
        .progress({ part: 1 })
        .pipe(
          Effect.andThen(world.pass(key)),
          Effect.andThen(run.progress({ part: 2 })),
          Effect.andThen(world.pass(`${key} again`)),
          Effect.asVoid
        )
    ),
    Task.handler(Wrong, () => Effect.succeed("much too long")),
    Task.handler(Rich, (payload) => Effect.succeed(payload))
  ] as const
