/** An app whose plugins have tables: accounts, notes that point to them, and a statistic in a database of its own. */
import * as Plugin from "@mortise/core/app/Plugin"
import * as Column from "@mortise/core/orm/Column"
import * as Migration from "@mortise/core/orm/Migration"
import * as Model from "@mortise/core/orm/Model"
import { type Interpreter, Orm } from "@mortise/core/orm/Orm"
import * as Query from "@mortise/core/orm/Query"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export const Account = Model.make("accounts", { id: Column.Integer().primaryKey(), name: Column.Text().unique() })
export const Note = Model.make("notes", {
  id: Column.Integer().primaryKey(),
  account: Column.ForeignKey(() => Account, { onDelete: "cascade" }),
  text: Column.Text()
})
export const Hit = Model.make("hits", { id: Column.Integer().primaryKey(), path: Column.Text() })

export class Statistics extends Context.Service<Statistics, Interpreter>()("test/migrations/Statistics") {}
class Seeded extends Context.Service<Seeded, { readonly accounts: number }>()("test/migrations/Seeded") {}

/** Its layer uses its table: the tables must be there before any live contribution runs. */
export const accounts = Plugin.define({
  name: "accounts",
  provides: [Seeded],
  requires: [Orm],
  layer: () =>
    Layer.effect(
      Seeded,
      Effect.gen(function* () {
        const orm = yield* Orm
        yield* orm.run(Query.insert(Account).orIgnore(["name"]), { name: "root" })
        return { accounts: (yield* orm.run(Query.from(Account))).length }
      })
    ),
  contributes: [Migration.contribute({ namespace: "accounts", models: [Account] })]
})

export const notes = Plugin.define({
  name: "notes",
  requires: [Orm],
  contributes: [Migration.contribute({ namespace: "app", dependsOn: ["accounts"], models: [Note] })]
})

export const statistics = Plugin.define({
  name: "hits",
  requires: [Statistics],
  contributes: [Migration.contribute({ namespace: "hits", models: [Hit], database: Statistics })]
})
