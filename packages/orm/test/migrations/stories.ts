/** Models of one app at several times of its life, and the migrations between them. */
import * as Column from "@mortise/core/orm/Column"
import type { Migration, Namespace } from "@mortise/core/orm/Migration"
import * as Model from "@mortise/core/orm/Model"
import type { Orm } from "@mortise/core/orm/Orm"
import * as Effect from "effect/Effect"
import * as Migrations from "../../src/migrations/Migrations.ts"

export const User1 = Model.make("users", {
  id: Column.Integer().primaryKey(),
  nick: Column.Text(),
  legacy: Column.Text().nullable()
})
export const Post1 = Model.make("posts", {
  id: Column.Integer().primaryKey(),
  author: Column.ForeignKey(() => User1, { onDelete: "cascade" }),
  title: Column.Text().index()
})

/** Renames a column, adds one, and changes the type of another, which makes SQLite build `users` anew. */
export const User2 = Model.make("users", {
  id: Column.Integer().primaryKey(),
  name: Column.Text().was("nick").unique(),
  role: Column.Enum("admin", "member").default("member"),
  legacy: Column.Text().nullable()
})
export const Post2 = Model.make("posts", {
  id: Column.Integer().primaryKey(),
  author: Column.ForeignKey(() => User2, { onDelete: "cascade" }),
  title: Column.Text().index()
})

/** Loses a column. */
export const User3 = Model.make("users", {
  id: Column.Integer().primaryKey(),
  name: Column.Text().unique(),
  role: Column.Enum("admin", "member").default("member")
})

export const app = (
  models: ReadonlyArray<Model.Any>,
  migrations: ReadonlyArray<Migration> | undefined,
  more: Partial<Namespace> = {}
): Namespace => ({ namespace: "app", models, ...(migrations === undefined ? {} : { migrations }), ...more })

/** The migrations that lead through models, one for each step. */
export const through = (
  ...steps: ReadonlyArray<ReadonlyArray<Model.Any>>
): Effect.Effect<ReadonlyArray<Migration>, unknown> =>
  Effect.gen(function* () {
    const migrations: Array<Migration> = []
    for (const models of steps) {
      const made = yield* Migrations.generate([app(models, [...migrations])], "app")
      migrations.push(made!.migration)
    }
    return migrations
  })

export type Story<A> = Effect.Effect<A, unknown, Orm>
