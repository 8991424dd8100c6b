// The app that log/canary.test.ts starts as a process. Every place that a secret can get into a log from has one.
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as App from "../../../src/app/App.ts"
import * as Drain from "../../../src/app/Drain.ts"
import * as Log from "../../../src/app/Log.ts"
import { log } from "../../../src/app/LogPlugin.ts"
import * as Plugin from "../../../src/app/Plugin.ts"
import * as AuthEvents from "../../../src/auth/AuthEvents.ts"
import { http, routes } from "../../../src/http/HttpPlugin.ts"

const [scenario = "", settings = "{}"] = process.argv.slice(2)

/** `canary` with a number: none of them may be seen. */
const canary = (i: number) => `canary-${i}-k7Qz`

class Refused extends Schema.TaggedError<Refused>()("Refused", { url: Schema.String, token: Schema.String }) {
  get code(): string {
    return "TEST_REFUSED"
  }
  override get message(): string {
    return `${this.url} refused ${canary(1)}`
  }
}
const refused = new Refused({ url: `postgres://ada:${canary(2)}@db/app`, token: canary(3) })
const bug = () =>
  new TypeError(`key ${canary(1)} is wrong`, {
    cause: Object.assign(new Error(`password=${canary(4)}`), { secret: canary(5) })
  })

const everywhere = Effect.gen(function* () {
  yield* Effect.logInfo(`said ${canary(1)} and Bearer ${canary(6)}`, {
    password: canary(7),
    deep: { apiKey: canary(8) }
  })
  yield* Effect.logWarning("argument", refused, bug())
  yield* Effect.logError("cause", Cause.combine(Cause.fail(refused), Cause.die(bug())))
  yield* Effect.logInfo("annotated").pipe(
    Effect.annotateLogs({
      session_token: canary(9),
      url: `amqp://ada:${canary(10)}@mq`,
      note: Redacted.make(canary(11))
    }),
    Effect.withLogSpan(canary(1)),
    Effect.withSpan("work", { attributes: { password: canary(12) } })
  )
  yield* Log.hide(Redacted.make(canary(13)))
  yield* Log.security("refused", () => ({
    list: [Redacted.make(canary(14)), canary(13)],
    headers: { cookie: canary(15) }
  }))
  yield* Effect.exit(Log.operation("import", Effect.fail(refused), { connection: `Server=db;Pwd=${canary(16)};` }))
  yield* Effect.exit(Log.operation("export", Effect.die(bug())))
  yield* AuthEvents.publish(() => ({
    type: "failed",
    method: "password",
    reason: "invalid",
    account: "ada",
    address: "::1"
  }))
  yield* Effect.logDebug("not at this level")
})

const talk = Plugin.define({
  name: "talk",
  config: Schema.Struct({
    key: Schema.RedactedFromValue(Schema.String),
    database: Schema.String,
    signing: Schema.Struct({ secret: Schema.String })
  }),
  layer: () =>
    Layer.effectDiscard(
      Effect.gen(function* () {
        yield* everywhere
        if (scenario === "start") yield* Effect.fail(refused)
        if (scenario === "defect") yield* Effect.die(bug())
        yield* Drain.add("talk", scenario === "drain" ? Effect.die(bug()) : Effect.logInfo("drained"))
        process.on("SIGUSR2", () => void Promise.reject(bug()))
        yield* Effect.addFinalizer(() => Effect.logInfo("talk closed"))
      })
    ),
  contributes: [
    routes(
      Effect.succeed([
        { route: { method: "GET", path: "/fail", handler: () => Effect.fail(refused) } },
        {
          route: {
            method: "GET",
            path: "/level",
            handler: (_, response) =>
              Effect.gen(function* () {
                yield* Effect.logDebug("before")
                yield* Log.setLevel("operation", "Debug")
                yield* Effect.logDebug("after")
                response.end("ok")
              })
          }
        }
      ])
    )
  ]
})

App.run(Plugin.compose(log(), http(), talk()), {
  name: "logging",
  config: Effect.succeed({
    log: JSON.parse(settings),
    http: { port: 0 },
    talk: {
      key: scenario === "config" ? 12 : canary(1),
      database: `postgres://ada:${canary(17)}@db/app`,
      signing: { secret: canary(18) }
    }
  })
})
