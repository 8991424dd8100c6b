// What the types of plugins and compositions are; compiled by `npm run check`, never run.
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as App from "../../src/app/App.ts"
import type { Composition, StartError } from "../../src/app/Composition.ts"
import * as Contribution from "../../src/app/Contribution.ts"
import * as Drain from "../../src/app/Drain.ts"
import * as Listening from "../../src/app/Listening.ts"
import * as Plugin from "../../src/app/Plugin.ts"
import {
  type Accounts,
  accounts,
  Commands,
  Database,
  database,
  Routes,
  Server,
  Statistics,
  server
} from "./services.ts"

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <_ extends true>(): void => {}

class Lost extends Schema.TaggedError<Lost>()("Lost", {}) {}
class Taken extends Schema.TaggedError<Taken>()("Taken", {}) {}
class Late extends Schema.TaggedError<Late>()("Late", {}) {}

// --- a plugin ------------------------------------------------------------------------------------------------------

holds<Same<ReturnType<typeof database>, Plugin.Plugin<"database", Database, never, never, void, never, never>>>()
holds<
  Same<
    ReturnType<typeof accounts>,
    Plugin.Plugin<"accounts", Accounts, never, Database, { readonly issuer: string }, "test.routes", never>
  >
>()

// the errors of the layer, the contributions and the hosts are the plugin's
const failing = Plugin.define({
  name: "failing",
  provides: [Statistics],
  requires: [Database],
  layer: () => Layer.effect(Statistics, Effect.andThen(Database, Effect.fail(new Lost()))),
  contributes: [Plugin.contribute(Routes, Effect.fail(new Taken()))],
  hosts: [Plugin.host(Routes, () => Effect.fail(new Late()))]
})
holds<
  Same<
    ReturnType<typeof failing>,
    Plugin.Plugin<"failing", Statistics, Lost | Taken | Late, Database, void, "test.routes", "test.routes">
  >
>()

// contributions that differ in point and needs stand side by side; scopes, addresses and drain steps need no declaration
const busy = Plugin.define({
  name: "busy",
  requires: [Database, Server],
  contributes: [
    Plugin.contribute(
      Routes,
      Effect.map(Database, ({ file }) => ({ path: file }))
    ),
    Plugin.contribute(
      Plugin.point<number>()("test.numbers"),
      Effect.map(Server, ({ port }) => port)
    ),
    Plugin.contribute(Routes, Effect.as(Effect.scope, { path: "/" })),
    Contribution.static(Commands, { command: "busy" }),
    Contribution.optional(Plugin.contribute(Plugin.point<string>()("test.words"), Effect.succeed("word")))
  ],
  hosts: [
    Plugin.host(Routes, () =>
      Effect.andThen(
        Listening.add({ name: "busy", address: "tcp://127.0.0.1:1" }),
        Drain.add("busy", Effect.asVoid(Database))
      )
    ),
    Plugin.host(Plugin.point<number>()("test.numbers"), (numbers) => Effect.log(numbers.map((n) => n.toFixed())))
  ]
})
holds<
  Same<
    ReturnType<typeof busy>,
    Plugin.Plugin<
      "busy",
      never,
      never,
      Database | Server,
      void,
      "test.routes" | "test.numbers",
      "test.routes" | "test.numbers"
    >
  >
>()

// a layer that is chosen at run time, one that gives more than is declared, one that needs a scope
Plugin.define({
  name: "chosen",
  options: Plugin.options<{ readonly dev: boolean }>(),
  provides: [Database],
  requires: [Server],
  layer: ({ options }) =>
    options.dev
      ? Layer.succeed(Database, { file: "memory" })
      : Layer.effect(Database, Effect.as(Effect.andThen(Server, Effect.fail(new Lost())), { file: "x" }))
})({ dev: true })
const either = Plugin.define({
  name: "either",
  options: Plugin.options<{ readonly dev: boolean }>(),
  provides: [Database],
  layer: ({ options }) =>
    options.dev ? Layer.effect(Database, Effect.fail(new Taken())) : Layer.effect(Database, Effect.fail(new Lost()))
})
holds<Same<ReturnType<typeof either>, Plugin.Plugin<"either", Database, Lost | Taken, never, void, never, never>>>()
Plugin.define({
  name: "more",
  provides: [Database],
  layer: () => Layer.merge(Layer.succeed(Database, { file: "a" }), Layer.succeed(Statistics, { file: "b" }))
})
Plugin.define({
  name: "scoped",
  provides: [Database],
  layer: () => Layer.effect(Database, Effect.as(Effect.scope, { file: "a" }))
})

// options that are all optional may be left out, others may not
holds<Same<Parameters<typeof database>, [options?: { readonly file?: string }]>>()
const strict = Plugin.define({
  name: "strict",
  options: Plugin.options<{ readonly file: string }>(),
  provides: [Database],
  layer: ({ options }) => Layer.succeed(Database, { file: options.file.trim() })
})
holds<Same<Parameters<typeof strict>, [options: { readonly file: string }]>>()

// --- a composition -------------------------------------------------------------------------------------------------

const app = Plugin.compose(accounts(), server(), database())
const typed: Composition<
  Accounts | Server | Database,
  never,
  { readonly accounts: { readonly issuer: string }; readonly server: { readonly port: number } }
> = app
holds<
  Same<
    ReturnType<typeof typed.build> extends Effect.Effect<infer S, infer E, infer R>
      ? [S["context" & keyof S], E, R]
      : 0,
    [Context.Context<Accounts | Server | Database>, StartError, Scope.Scope]
  >
>()

// order does not matter, inline plugins and a spread tuple are as good as constants
Plugin.compose(database(), server(), accounts())
Plugin.compose(
  accounts(),
  server(),
  Plugin.define({ name: "inline", provides: [Database], layer: () => Layer.succeed(Database, { file: "" }) })()
)
Plugin.compose(...([server(), database()] as const), accounts())
Plugin.compose(accounts(), server(), database(), Plugin.as(database(), "second", Database, Statistics))
Plugin.compose()

// a service that a decorator requires and provides is renamed by `as`
const decorator = Plugin.define({
  name: "cached",
  provides: [Database],
  requires: [Database],
  layer: () => Layer.effect(Database, Effect.service(Database))
})
Plugin.compose(database(), Plugin.as(decorator(), "cached", Database, Statistics))

// sections are required as their keys are
const tuned = Plugin.define({
  name: "tuned",
  config: Schema.Struct({ size: Schema.optionalKey(Schema.Int) }),
  layer: ({ config }) => Layer.effectDiscard(Effect.log(config.size?.toFixed()))
})
Plugin.compose(tuned()).layer({})
Plugin.compose(tuned(), server()).layer({ server: { port: 1 }, tuned: { size: 1 } })
const layer: Layer.Layer<Server, StartError> = Plugin.compose(tuned(), server()).layer({ server: { port: 1 } })
Effect.provide(Effect.service(Server), layer)

// errors of plugins stay typed
const failed = Plugin.compose(failing(), database()).build({})
holds<Same<Effect.Error<typeof failed>, Lost | Taken | Late | StartError>>()

// --- an app --------------------------------------------------------------------------------------------------------

export const mains = (): void => {
  App.run(Plugin.compose(database()))
  App.run(Plugin.compose(database()), { name: "shop", drainTimeout: "5 seconds" })
  App.run(app, { config: { accounts: { issuer: "a" }, server: { port: 1 } } })
  App.run(app, { config: Effect.succeed(JSON.parse("{}") as unknown) })
}
const built = App.build(app, { accounts: { issuer: "a" }, server: { port: 1 } })
holds<Same<Effect.Success<typeof built>, Context.Context<Accounts | Server | Database>>>()
