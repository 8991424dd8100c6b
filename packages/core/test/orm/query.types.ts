// What the types of queries, relations and repositories are; compiled by `npm run check`, never run.
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import * as Column from "../../src/orm/Column.ts"
import type * as Model from "../../src/orm/Model.ts"
import * as Orm from "../../src/orm/Orm.ts"
import type {
  CursorInvalid,
  NotFound,
  OrmError,
  ReadError,
  UniqueViolation,
  WriteError
} from "../../src/orm/OrmError.ts"
import * as Query from "../../src/orm/Query.ts"
import * as Relation from "../../src/orm/Relation.ts"
import * as Repository from "../../src/orm/Repository.ts"
import { Post, PostTag, Tag, User } from "./models.ts"

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <_ extends true>(): void => {}

type UserRow = Model.Row<typeof User.columns>
type PostRow = Model.Row<typeof Post.columns>
type TagRow = Model.Row<typeof Tag.columns>

// --- queries -------------------------------------------------------------------------------------------------------

const byViews = Query.prepare<{ min: bigint; ids: ReadonlyArray<string> }>()((p) =>
  Query.from(Post)
    .where((t) => Query.and(t.views.gt(p.min), t.id.in(p.ids)))
    .where({ draft: false, title: { contains: "x" }, or: [{ cover: null }, { score: { gte: 1 } }] })
    .orderBy((t) => [t.views.desc()])
    .limit(10)
)
const byViewsRuns: Effect.Effect<ReadonlyArray<PostRow>, OrmError, Orm.Orm> = Orm.run(byViews, { min: 1n, ids: [] })

const joined = Query.from({ post: Post })
  .join({ author: User }, ({ author, post }) => author.id.eq(post.authorId))
  .leftJoin({ manager: User }, ({ author, manager }) => manager.id.eq(author.managerId))
  .where(({ author, post }) => Query.or(post.views.gt(5n), author.role.eq("admin")))
  .select(({ author, manager, post }) => ({ title: post.title, email: author.email, manager: manager.id }))
holds<
  Same<
    (typeof joined)["~types"]["result"],
    ReadonlyArray<{ readonly title: string; readonly email: UserRow["email"]; readonly manager: number | null }>
  >
>()

const grouped = Query.from(Post)
  .groupBy((t) => [t.authorId])
  .having((t) => Query.sum(t.views).gt(10n))
  .select((t) => ({ author: t.authorId, posts: Query.count(), views: Query.sum(t.views), best: Query.max(t.score) }))
  .first()
holds<
  Same<
    (typeof grouped)["~types"]["result"],
    Option.Option<{
      readonly author: number
      readonly posts: number
      readonly views: bigint | null
      readonly best: number | null
    }>
  >
>()

const claim = Query.prepare<{ now: number; limit: number }>()((p) =>
  Query.update(Tag)
    .set((t) => ({ label: t.label }))
    .where((t) =>
      t.id.in(
        Query.from(Tag)
          .where((t) => t.id.lte(p.now))
          .orderBy((t) => [t.id.asc()])
          .limit(p.limit)
          .forUpdate({ skipLocked: true })
          .select((t) => ({ id: t.id }))
      )
    )
    .returning()
)
const claimed: Effect.Effect<ReadonlyArray<TagRow>, OrmError, Orm.Orm> = Orm.run(claim, { now: 1, limit: 2 })

const hits = Query.insert(Tag).orUpdate(["label"], (_, given) => ({ label: given.label }))
const hit: Effect.Effect<number, OrmError, Orm.Orm> = Orm.run(hits, { label: "a" })
const many: Effect.Effect<ReadonlyArray<TagRow>, OrmError, Orm.Orm> = Orm.run(Query.insertMany(Tag).returning(), {
  rows: [{ label: "a" }]
})
const years = Query.raw({
  text: { sqlite: "select 1 as year where 1 = :id" },
  slots: { id: Column.Integer() },
  columns: { year: Column.Integer() }
})
const year: Effect.Effect<ReadonlyArray<{ readonly year: number }>, OrmError, Orm.Orm> = Orm.run(years, { id: 1 })
const streamed: Stream.Stream<PostRow, ReadError, Orm.Orm> = Orm.stream(Query.from(Post))

// @ts-expect-error which rows is not said
Orm.run(Query.delete(Post))
// @ts-expect-error a parameter is missing
Orm.run(byViews, { min: 1n })
// @ts-expect-error no such column
Query.from(Post).where({ nope: 1 })
// @ts-expect-error another type
Query.from(Post).where((t) => t.views.gt(1))
// @ts-expect-error readonly columns are not updated
Query.update(User).set({ createdAt: new Date() })

// --- relations -----------------------------------------------------------------------------------------------------

const posts = Relation.hasMany(User, Post, "authorId")
const author = Relation.belongsTo(Post, "authorId", User)
const manager = Relation.belongsTo(User, "managerId", User)
const tags = Relation.manyToMany(Post, Tag, { through: PostTag, from: "postId", to: "tagId" })

// @ts-expect-error the title points to no user
Relation.hasMany(User, Post, "title")
// @ts-expect-error a text points to no user
Relation.belongsTo(Post, "title", User)

// --- repositories --------------------------------------------------------------------------------------------------

const Users = Repository.make(User)
const Posts = Repository.make(Post)

const found = Users.find({
  where: { role: "admin", email: { like: "%@x.io" }, nickname: null },
  with: { posts: posts({ where: { views: { gt: 10n } }, limit: 3, with: { tags, author } }), boss: manager },
  orderBy: [{ desc: "id" }],
  limit: 20
})
export const reads = Effect.map(found, (users) => {
  const user = users[0]
  const label: string | undefined = user?.posts[0]?.tags[0]?.label
  const mail: UserRow["email"] | undefined = user?.posts[0]?.author.email
  const boss: UserRow | null | undefined = user?.boss
  return [label, mail, boss]
})
const plain: Effect.Effect<ReadonlyArray<UserRow>, ReadError, Orm.Orm> = Users.find()
const one: Effect.Effect<Option.Option<PostRow & { readonly author: UserRow }>, ReadError, Orm.Orm> = Posts.byId("x", {
  with: { author }
})
const paged: Effect.Effect<Repository.Page<UserRow>, ReadError | CursorInvalid, Orm.Orm> = Users.page({ first: 3 })
const loaded: Effect.Effect<ReadonlyArray<PostRow>, ReadError, Orm.Orm> = Effect.flatMap(plain, ([user]) =>
  Users.load(user as UserRow, posts)
)
const inserted = Repository.make(Tag).insert({ label: "x" })
holds<Same<Effect.Error<typeof inserted>, WriteError<"id" | "label">>>()
const conflicting = inserted.pipe(
  Effect.catchTag("UniqueViolation", (error: UniqueViolation<"id" | "label">) => Effect.succeed(error.columns))
)
const updated: Effect.Effect<void, WriteError<keyof typeof Tag.columns> | NotFound, Orm.Orm> = Repository.make(
  Tag
).update(1, { label: "y" })
const bumped = Posts.updateWhere({ id: "x", views: 1n }, (row) => ({ views: row.views.plus(1n), title: "y" }))

class Statistics extends Context.Service<Statistics, Orm.Interpreter>()("test/Statistics") {}
const elsewhere: Effect.Effect<number, ReadError, Statistics> = Repository.make(Tag, { orm: Statistics }).count()
const free: Effect.Effect<number, ReadError> = Repository.make(Tag)
  .over({} as Orm.Interpreter)
  .count()

// @ts-expect-error the relation was not loaded
Effect.map(Posts.find({ with: { author } }), ([post]) => post?.tags)
// @ts-expect-error a relation of another model
Users.find({ with: { tags } })
// @ts-expect-error a composite key has two parts
Repository.make(PostTag).byId(1)
// @ts-expect-error null is no page
Users.page({ first: null })
// @ts-expect-error a default is not needed, but the title is
Posts.insert({ authorId: 1 })

export const used = [byViewsRuns, claimed, hit, many, year, streamed, one, paged, loaded, conflicting, updated, bumped]
export const more = [elsewhere, free]
