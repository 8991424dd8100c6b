// Services and plugins that the mistakes of this folder are made with. Holds no mistake itself.
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Plugin from "../../src/app/Plugin.ts"

export class Database extends Context.Service<Database, { readonly file: string }>()("shop/Database") {}
export class Accounts extends Context.Service<Accounts, { readonly find: (id: string) => string }>()("shop/Accounts") {}
export class Server extends Context.Service<Server, { readonly port: number }>()("shop/Server") {}

export const Routes = Plugin.point<{ readonly path: string }>()("http.routes")

export const http = Plugin.define({
  name: "http",
  config: Schema.Struct({ port: Schema.Int }),
  provides: [Server],
  layer: ({ config }) => Layer.succeed(Server, config),
  hosts: [Plugin.host(Routes, (routes) => Effect.log(routes.length))]
})

export const sqlite = Plugin.define({
  name: "sqlite",
  options: Plugin.options<{ readonly file: string }>(),
  provides: [Database],
  layer: ({ options }) => Layer.succeed(Database, options)
})

export const memory = Plugin.define({
  name: "memory",
  provides: [Database],
  layer: () => Layer.succeed(Database, { file: "none" })
})

export const accounts = Plugin.define({
  name: "accounts",
  provides: [Accounts],
  requires: [Database],
  layer: () =>
    Layer.effect(
      Accounts,
      Effect.map(Database, ({ file }) => ({ find: (id) => `${id}@${file}` }))
    ),
  contributes: [Plugin.contribute(Routes, Effect.succeed({ path: "/login" }))]
})
