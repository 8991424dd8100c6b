// Services and plugins that the tests of this folder share.
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Plugin from "../../src/app/Plugin.ts"

export class Database extends Context.Service<Database, { readonly file: string }>()("test/Database") {}
export class Statistics extends Context.Service<Statistics, { readonly file: string }>()("test/Statistics") {}
export class Accounts extends Context.Service<Accounts, { readonly find: (id: string) => string }>()("test/Accounts") {}
export class Server extends Context.Service<Server, { readonly port: number }>()("test/Server") {}

export const Routes = Plugin.point<{ readonly path: string }>()("test.routes")
export const Commands = Plugin.dataPoint<{ readonly command: string }>()("test.commands")

/** What happened, in order; `open` and `close` lines of every plugin. */
export const lines: Array<string> = []

export const spell = (name: string) =>
  Effect.acquireRelease(
    Effect.sync(() => void lines.push(`open ${name}`)),
    () => Effect.sync(() => void lines.push(`close ${name}`))
  )

export const database = Plugin.define({
  name: "database",
  options: Plugin.options<{ readonly file?: string }>(),
  provides: [Database],
  layer: ({ options }) => Layer.effect(Database, Effect.as(spell("database"), { file: options.file ?? "memory" }))
})

export const accounts = Plugin.define({
  name: "accounts",
  config: Schema.Struct({ issuer: Schema.String }),
  provides: [Accounts],
  requires: [Database],
  layer: ({ config }) =>
    Layer.effect(
      Accounts,
      Effect.gen(function* () {
        const { file } = yield* Database
        yield* spell("accounts")
        return { find: (id: string) => `${config.issuer}/${id}@${file}` }
      })
    ),
  contributes: [
    Plugin.contribute(
      Routes,
      Effect.map(Accounts, (accounts) => ({ path: `/${accounts.find("ada")}` }))
    )
  ]
})

export const server = Plugin.define({
  name: "server",
  config: Schema.Struct({ port: Schema.Int }),
  provides: [Server],
  layer: ({ config }) => Layer.effect(Server, Effect.as(spell("server"), { port: config.port })),
  hosts: [
    Plugin.host(Routes, (routes, plugins) =>
      Effect.gen(function* () {
        const { port } = yield* Server
        for (const [i, { path }] of routes.entries()) lines.push(`route ${path} of ${plugins[i]}`)
        yield* spell(`door ${port}`)
      })
    )
  ]
})
