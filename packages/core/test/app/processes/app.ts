// The app that app.test.ts starts as a process; the argument says how it behaves.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as App from "../../../src/app/App.ts"
import * as Drain from "../../../src/app/Drain.ts"
import * as Listening from "../../../src/app/Listening.ts"
import * as Plugin from "../../../src/app/Plugin.ts"

const scenario = process.argv[2]
const say = (line: string) => Effect.sync(() => void process.stdout.write(`${line}\n`))

class PortTaken extends Schema.TaggedError<PortTaken>()("PortTaken", { port: Schema.Int }) {
  get code(): string {
    return "TEST_PORT_TAKEN"
  }
  override get message(): string {
    return `Port ${this.port} is taken. Change server.port.`
  }
}

const steps: { readonly [name: string]: Effect.Effect<void> } = {
  stuck: Effect.never,
  "never-drained": Effect.never,
  stubborn: Effect.uninterruptible(Effect.never),
  broken: Effect.die(new Error("bug in a step"))
}

const starts: { readonly [name: string]: Effect.Effect<void, PortTaken> } = {
  taken: Effect.fail(new PortTaken({ port: 80 })),
  defect: Effect.die(new TypeError("bug in a layer")),
  slow: Effect.andThen(say("building"), Effect.never),
  "slow-stubborn": Effect.andThen(say("building"), Effect.uninterruptible(Effect.never))
}

const base = Plugin.define({
  name: "base",
  layer: () =>
    Layer.effectDiscard(
      Effect.acquireRelease(say("base open"), () =>
        scenario === "close-broken" ? Effect.die(new Error("bug in a finalizer")) : say("base closed")
      )
    )
})

const Doors = Plugin.point<never>()("test.doors")
const server = Plugin.define({
  name: "server",
  config: Schema.Struct({ port: Schema.Int, password: Schema.RedactedFromValue(Schema.String) }),
  layer: () => Layer.effectDiscard(starts[scenario ?? ""] ?? Effect.void),
  hosts: [
    Plugin.host(Doors, () =>
      Effect.gen(function* () {
        if (scenario === "silent") return
        yield* Listening.add({ name: "http", address: "http://127.0.0.1:3000" })
        yield* Drain.add("clients", steps[scenario ?? ""] ?? say("clients told"))
        yield* Drain.add("door", say("door shut"), { phase: "refuse" })
        if (scenario === "uncaught") {
          yield* Effect.sync(() => process.on("SIGUSR2", () => void Promise.reject(new Error("nobody catches this"))))
        }
      })
    )
  ]
})

const impatient = ["stuck", "stubborn", "slow-stubborn"]
const app = Plugin.compose(base(), server())
const right = { server: { port: 80, password: "hunter2" } }
const wrong = { server: { port: "eighty", password: 12_345_678 }, sever: {} }

App.run(app, {
  name: "testapp",
  drainTimeout: impatient.includes(scenario ?? "") ? 50 : "1 minute",
  config:
    scenario === "unreadable"
      ? Effect.fail(new Error("no such file"))
      : scenario === "config"
        ? Effect.succeed(wrong)
        : right
})
