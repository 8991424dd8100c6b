/** What the database refuses becomes an error that says which columns, without their values. */
import * as Effect from "effect/Effect"
import * as Orm from "../../orm/Orm.ts"
import * as Query from "../../orm/Query.ts"
import type { OrmCase } from "./Harness.ts"
import { Posts, PostTags, Profiles, Tag, Tags, Users } from "./Models.ts"
import { author, fails, holds, same } from "./Stage.ts"

export const constraints: ReadonlyArray<OrmCase> = [
  {
    name: "names the column that is unique",
    run: Effect.fnUntraced(function* () {
      yield* Users.insert({ email: "secret@x.io", name: "a" })
      const error = yield* fails(Users.insert({ email: "secret@x.io", name: "b" }), "UniqueViolation")
      same([error.table, error.columns, error.constraint], ["kit_users", ["email"], "kit_users_email_unique"])
      same(error.code, "ORM_UNIQUE_VIOLATION")
      holds(!`${error.message}${JSON.stringify(error)}`.includes("secret"))
      const { id } = yield* Users.insert({ email: "b@x.io", name: "b" })
      same((yield* fails(Users.update(id, { email: "secret@x.io" }), "UniqueViolation")).columns, ["email"])
    })
  },
  {
    name: "names all columns that are unique together, as the model has them",
    run: Effect.fnUntraced(function* () {
      const { user } = yield* author("a", "one")
      const error = yield* fails(Posts.insert({ authorId: user.id, title: "one" }), "UniqueViolation")
      same(error.columns, ["authorId", "title"])
    })
  },
  {
    name: "names the key",
    run: Effect.fnUntraced(function* () {
      const { id } = yield* Tags.insert({ label: "a" })
      same((yield* fails(Tags.insert({ id, label: "b" }), "UniqueViolation")).columns, ["id"])
    })
  },
  {
    name: "refuses a row that points nowhere, and to delete one that is pointed to",
    needs: ["foreign-keys"],
    run: Effect.fnUntraced(function* () {
      const error = yield* fails(Posts.insert({ authorId: 77, title: "x" }), "ForeignKeyViolation")
      same([error.table, error.code], ["kit_posts", "ORM_FOREIGN_KEY_VIOLATION"])
      const { posts } = yield* author("a", "one")
      const { id } = yield* Tags.insert({ label: "t" })
      yield* PostTags.insert({ postId: posts[0]?.id ?? "", tagId: id })
      yield* fails(Tags.delete(id), "ForeignKeyViolation")
    })
  },
  {
    name: "deletes what belongs to a row with it, and cuts what only points to it",
    needs: ["foreign-keys"],
    run: Effect.fnUntraced(function* () {
      const { user } = yield* author("a", "one", "two")
      const other = yield* Users.insert({ email: "b@x.io", name: "b", managerId: user.id })
      yield* Profiles.insert({ userId: user.id, bio: "x" })
      yield* Users.delete(user.id)
      same([yield* Posts.count(), yield* Profiles.count()], [0, 0])
      same(yield* Users.find(), [{ ...other, managerId: null }])
    })
  },
  {
    name: "refuses null from raw text where a column holds none",
    needs: ["sql"],
    run: Effect.fnUntraced(function* () {
      const text = "insert into kit_tags (label) values (null)"
      const error = yield* fails(Orm.run(Query.raw({ text: { sqlite: text, postgres: text } })), "NotNullViolation")
      same(error.code, "ORM_NOT_NULL_VIOLATION")
    })
  },
  {
    name: "refuses from raw text what an enum does not have",
    needs: ["sql"],
    run: Effect.fnUntraced(function* () {
      const text =
        "insert into kit_users (email, name, role, logins, created_at) select 'a', 'a', 'king', 0, created_at from kit_users"
      yield* author("b")
      yield* fails(Orm.run(Query.raw({ text: { sqlite: text, postgres: text } })), "CheckViolation")
    })
  },
  {
    name: "can be caught by tag and by column",
    run: Effect.fnUntraced(function* () {
      yield* Tags.insert({ label: "a" })
      const columns = yield* Tags.insert({ label: "a" }).pipe(
        Effect.map(() => ["none"]),
        Effect.catchTag("UniqueViolation", (error) => Effect.succeed(error.columns))
      )
      same(columns, ["label"])
    })
  },
  {
    name: "says what raw text does wrong, without values",
    needs: ["sql"],
    run: Effect.fnUntraced(function* () {
      const text = "select nothing from nowhere"
      const error = yield* fails(Orm.run(Query.raw({ text: { sqlite: text, postgres: text } })), "QueryFailed")
      same(error.sql, text)
      yield* fails(Orm.run(Query.raw({ text: { oracle: "select 1 from dual" } })), "QueryInvalid")
    })
  },
  {
    name: "fails when compiled with what the database does not do",
    run: Effect.fnUntraced(function* () {
      const orm = yield* Orm.Orm
      const select = Query.from(Tag)
      const node = { ...select.node, lock: { skipLocked: false, feature: "telepathy" } }
      const error = yield* fails(orm.check({ ...select, node }), "UnsupportedFeature")
      same([error.feature, error.dialect], ["telepathy", orm.dialect])
      yield* orm.check(select)
      yield* fails(orm.check(Query.from(Tag).select(() => ({}))), "QueryInvalid")
    })
  }
]
