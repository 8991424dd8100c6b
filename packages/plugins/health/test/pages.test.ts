import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Drain from "@mortise/core/app/Drain"
import * as Health from "@mortise/core/app/Health"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Reply from "@mortise/core/app/Reply"
import { HttpHost } from "@mortise/core/http/HttpHost"
import { http } from "@mortise/core/http/HttpPlugin"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { health } from "../src/index.ts"
import { get } from "./get.ts"

let problem: string | undefined
const dependent = Plugin.define({
  name: "dependent",
  contributes: [
    Health.contribute(
      "db",
      Effect.succeed(
        Effect.suspend(() => (problem === undefined ? Effect.void : Effect.fail(new Health.HealthProblem({ problem }))))
      )
    )
  ]
})

const app = Plugin.compose(http(), dependent(), health({ build: { name: "desk", version: "1.2.3", commit: "abc" } }))
type Config = NonNullable<Parameters<typeof app.build>[0]["health"]>

const running = (config: Config = {}) =>
  Effect.gen(function* () {
    problem = undefined
    const context = yield* App.build(app, {
      http: { port: 0 },
      health: { intervalMillis: 10, drainDelayMillis: 0, ...config }
    })
    const at = Context.get(context, HttpHost).address() ?? ""
    return {
      drain: Context.get(context as Context.Context<never>, Drain.Drain),
      read: (path: string, headers?: Record<string, string>) => Effect.promise(() => get(`${at}${path}`, headers))
    }
  })

const Checks = Schema.Struct({
  checks: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      status: Schema.Literals(["ok", "failed"]),
      since: Schema.String,
      problem: Schema.optionalKey(Schema.String)
    })
  )
})
const decode = <A>(schema: Schema.Codec<A, unknown>, text: string): A =>
  Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })(JSON.parse(text))

describe("the pages of health", () => {
  it.live("answer in the standard reply, under the id of the request, and are never kept", () =>
    Effect.gen(function* () {
      const { read } = yield* running()
      const live = yield* read("/live", { "x-request-id": "probe-7" })
      assert.strictEqual(live.status, 200)
      assert.strictEqual(decode(Reply.Success(Schema.Struct({})), live.text).request_id, "probe-7")
      const ready = yield* read("/ready")
      assert.strictEqual(ready.status, 200)
      assert.strictEqual(ready.headers["cache-control"], "no-store")
      const { data } = decode(Reply.Success(Checks), ready.text)
      assert.deepStrictEqual(
        data.checks.map(({ name, status }) => [name, status]),
        [["db", "ok"]]
      )
      const info = JSON.parse((yield* read("/info")).text)
      assert.deepStrictEqual(
        [info.data.name, info.data.version, info.data.commit, info.data.node, info.data.pid],
        ["desk", "1.2.3", "abc", process.versions.node, process.pid]
      )
      assert.strictEqual(new Date(info.data.started).toISOString(), info.data.started)
    })
  )

  it.live("say 503, which check failed and why, and 200 again when it passes", () =>
    Effect.gen(function* () {
      const { read } = yield* running()
      const becomes = Effect.fnUntraced(function* (status: number) {
        for (;;) {
          const got = yield* read("/ready")
          if (got.status === status) return got.text
        }
      })
      yield* becomes(200)
      problem = "connect ECONNREFUSED postgres://app:hunter2@db:5432"
      const reply = decode(Reply.Failure, yield* becomes(503))
      assert.strictEqual(reply.error.code, "HEALTH_NOT_READY")
      assert.strictEqual(reply.message, "Not ready. db: connect ECONNREFUSED postgres://app:<redacted>@db:5432")
      const { checks } = Schema.decodeUnknownSync(Checks)(reply.error.details)
      assert.deepStrictEqual(
        checks.map(({ name, problem, status }) => [name, status, problem]),
        [["db", "failed", "connect ECONNREFUSED postgres://app:<redacted>@db:5432"]]
      )
      problem = undefined
      yield* becomes(200)
      assert.strictEqual((yield* read("/live")).status, 200)
    })
  )

  it.live("say that the app stops while requests are still taken", () =>
    Effect.gen(function* () {
      const { drain, read } = yield* running({ drainDelayMillis: 60_000 })
      assert.strictEqual((yield* read("/ready")).status, 200)
      yield* Effect.forkChild(drain.run, { startImmediately: true })
      const { status, text } = yield* read("/ready")
      assert.strictEqual(status, 503)
      assert.strictEqual(decode(Reply.Failure, text).error.code, "HEALTH_DRAINING")
      assert.strictEqual((yield* read("/live")).status, 200)
    })
  )

  it.live("of metrics and information are for this machine, and not for whom a proxy speaks for", () =>
    Effect.gen(function* () {
      const { read } = yield* running()
      for (const path of ["/info", "/metrics"]) {
        assert.strictEqual((yield* read(path)).status, 200)
        const refused = yield* read(path, { "x-forwarded-for": "203.0.113.9" })
        assert.strictEqual(refused.status, 403)
        assert.strictEqual(decode(Reply.Failure, refused.text).error.code, "HEALTH_FORBIDDEN")
      }
      assert.strictEqual((yield* read("/ready", { "x-forwarded-for": "203.0.113.9" })).status, 200)
    })
  )

  it.live("are where and for whom the configuration says", () =>
    Effect.gen(function* () {
      const { read } = yield* running({ metricsPath: "/_/numbers", metricsFor: "everyone", infoFor: "nobody" })
      assert.strictEqual((yield* read("/_/numbers", { "x-forwarded-for": "203.0.113.9" })).status, 200)
      assert.strictEqual((yield* read("/metrics")).status, 404)
      assert.strictEqual((yield* read("/info")).status, 404)
    })
  )

  it.live("do not start with a configuration that is wrong", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(
        App.build(app, {
          http: { port: 0 },
          health: { metricsFor: "friends", timeLimitMillis: 0, livePath: "live" }
        })
      )
      const told = JSON.stringify(exit)
      for (const path of ["health.metricsFor", "health.timeLimitMillis", "health.livePath"]) assert.include(told, path)
    })
  )
})
