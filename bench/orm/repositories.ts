/** Mortise as an app uses it, whatever its database is: repositories, a relation, a prepared query. */
import * as Column from "@mortise/core/orm/Column"
import * as Model from "@mortise/core/orm/Model"
import * as Orm from "@mortise/core/orm/Orm"
import * as Query from "@mortise/core/orm/Query"
import * as Relation from "@mortise/core/orm/Relation"
import * as Repository from "@mortise/core/orm/Repository"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Subject } from "./shared.ts"

const Item = Model.make("item", {
  id: Column.Integer().primaryKey(),
  name: Column.Text(),
  email: Column.Text(),
  age: Column.Integer(),
  score: Column.Float(),
  active: Column.Boolean(),
  bio: Column.Text(),
  createdAt: Column.DateTime(),
  updatedAt: Column.DateTime().nullable(),
  data: Column.Json(Schema.Struct({ tags: Schema.Array(Schema.String), n: Schema.Number }))
})
const Author = Model.make("author", {
  id: Column.Integer().primaryKey(),
  name: Column.Text(),
  active: Column.Boolean()
})
const Post = Model.make("post", {
  id: Column.Integer().primaryKey(),
  authorId: Column.ForeignKey(() => Author).index(),
  title: Column.Text(),
  body: Column.Text(),
  views: Column.Integer().index(),
  createdAt: Column.DateTime()
})
const posts = Relation.hasMany(Author, Post, "authorId")

const Items = Repository.make(Item)
const Authors = Repository.make(Author)
const Posts = Repository.make(Post)

const page = Query.prepare<{ readonly views: number }>()((p) =>
  Query.from({ p: Post })
    .join({ a: Author }, ({ a, p }) => a.id.eq(p.authorId))
    .where((t) => Query.and(t.p.views.gt(p.views), t.a.active.eq(true)))
    .orderBy((t) => [t.p.views.desc(), t.p.id.asc()])
    .limit(20)
    .offset(40)
    .select((t) => ({ id: t.p.id, title: t.p.title, views: t.p.views, authorName: t.a.name }))
)

export const models = [Item, Author, Post]

export const subjectOn = <E>(database: Layer.Layer<Orm.Orm, E>): Subject => {
  const runtime = ManagedRuntime.make(database)
  const run = <A, E>(effect: Effect.Effect<A, E, Orm.Orm>) => runtime.runPromise(effect)
  const last = function* <A, E>(times: number, effect: Effect.Effect<A, E, Orm.Orm>) {
    let value: A | undefined
    for (let i = 0; i < times; i++) value = yield* effect
    return value
  }
  return {
    seed: (a, p) => run(Orm.transaction(Effect.andThen(Authors.insertMany(a), Posts.insertMany(p)))),
    clear: () => run(Items.deleteAll()),
    insertEach: (items) => run(Orm.transaction(Effect.forEach(items, (item) => Items.insert(item), { discard: true }))),
    insertMany: (items) => run(Items.insertMany(items)),
    byId: (id) => run(Effect.map(Items.byId(id), Option.getOrUndefined)),
    points: (ids) =>
      run(
        Effect.gen(function* () {
          let sum = 0
          for (const id of ids) {
            const item = yield* Items.byId(id)
            if (Option.isSome(item)) sum += item.value.age
          }
          return sum
        })
      ),
    lists: (count, times) => run(Effect.gen(() => last(times, Items.find({ orderBy: ["id"], limit: count })))),
    families: (ids, times) =>
      run(
        Effect.gen(() =>
          last(
            times,
            Authors.find({ where: { id: { in: ids } }, orderBy: ["id"], with: { posts: posts({ orderBy: ["id"] }) } })
          )
        )
      ),
    updateEach: (changes) =>
      run(
        Orm.transaction(
          Effect.forEach(changes, ({ id, age, name }) => Items.update(id, { age, name }), { discard: true })
        )
      ),
    pages: (views) =>
      run(
        Effect.gen(function* () {
          let rows: unknown
          for (const more of views) rows = yield* Orm.run(page, { views: more })
          return rows
        })
      ),
    close: () => runtime.dispose()
  }
}
