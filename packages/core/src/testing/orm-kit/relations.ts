/** Relations: what they give, and in how many queries. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Orm from "../../orm/Orm.ts"
import type { OrmCase } from "./Harness.ts"
import {
  authorOfPost,
  managerOfUser,
  Posts,
  PostTags,
  Profiles,
  postsOfTag,
  postsOfUser,
  profileOfUser,
  reportsOfUser,
  Tags,
  tagsOfPost,
  Users
} from "./Models.ts"
import { author, fails, queriesOf, same } from "./Stage.ts"

/** Two users with posts and one without; tags a and b on some posts. */
const world = Effect.gen(function* () {
  const ada = yield* author("ada", "one", "two", "three")
  const bob = yield* author("bob", "four")
  const cyd = yield* author("cyd")
  const a = yield* Tags.insert({ label: "a" })
  const b = yield* Tags.insert({ label: "b" })
  const tag = (postId: string | undefined, tagId: number) => PostTags.insert({ postId: postId ?? "", tagId })
  yield* tag(ada.posts[0]?.id, a.id)
  yield* tag(ada.posts[0]?.id, b.id)
  yield* tag(ada.posts[1]?.id, b.id)
  yield* tag(bob.posts[0]?.id, a.id)
  yield* Users.update(bob.user.id, { managerId: ada.user.id })
  yield* Users.update(cyd.user.id, { managerId: bob.user.id })
  yield* Profiles.insert({ userId: ada.user.id, bio: "countess" })
  return { ada, bob, cyd, a, b }
})

const titles = (posts: ReadonlyArray<{ readonly title: string }>) => posts.map(({ title }) => title)

export const relations: ReadonlyArray<OrmCase> = [
  {
    name: "loads many, with one query for all rows",
    run: Effect.fnUntraced(function* () {
      yield* world
      const [users, queries] = yield* queriesOf(
        Users.find({ orderBy: ["id"], with: { posts: postsOfUser({ orderBy: ["title"] }) } })
      )
      same(queries, 2)
      same(
        users.map(({ name, posts }) => [name, titles(posts)]),
        [
          ["ada", ["one", "three", "two"]],
          ["bob", ["four"]],
          ["cyd", []]
        ]
      )
    })
  },
  {
    name: "loads one, one or none, and the row itself",
    run: Effect.fnUntraced(function* () {
      const { ada, bob } = yield* world
      const [posts, queries] = yield* queriesOf(Posts.find({ orderBy: ["title"], with: { author: authorOfPost } }))
      same(queries, 2)
      same(
        posts.map(({ author, title }) => [title, author.name]),
        [
          ["four", "bob"],
          ["one", "ada"],
          ["three", "ada"],
          ["two", "ada"]
        ]
      )
      const users = yield* Users.find({ orderBy: ["id"], with: { boss: managerOfUser, profile: profileOfUser } })
      same(
        users.map(({ boss, profile }) => [boss?.name, profile?.bio]),
        [
          [undefined, "countess"],
          ["ada", undefined],
          ["bob", undefined]
        ]
      )
      same(users[0]?.boss, null)
      const one = Option.getOrThrow(yield* Users.byId(ada.user.id, { with: { reports: reportsOfUser } }))
      same(
        one.reports.map(({ id }) => id),
        [bob.user.id]
      )
    })
  },
  {
    name: "loads many through a model between, from both sides",
    run: Effect.fnUntraced(function* () {
      yield* world
      const [posts, queries] = yield* queriesOf(
        Posts.find({ orderBy: ["title"], with: { tags: tagsOfPost({ orderBy: ["label"] }) } })
      )
      same(queries, 2)
      same(
        posts.map(({ tags, title }) => [title, tags.map(({ label }) => label)]),
        [
          ["four", ["a"]],
          ["one", ["a", "b"]],
          ["three", []],
          ["two", ["b"]]
        ]
      )
      same(Object.keys(posts[1]?.tags[0] ?? {}), ["id", "label"])
      const tags = yield* Tags.find({ orderBy: ["id"], with: { posts: postsOfTag({ orderBy: ["title"] }) } })
      same(
        tags.map(({ posts }) => titles(posts)),
        [
          ["four", "one"],
          ["one", "two"]
        ]
      )
    })
  },
  {
    name: "loads to any depth, one query for each relation and level",
    run: Effect.fnUntraced(function* () {
      yield* world
      const [users, queries] = yield* queriesOf(
        Users.find({
          orderBy: ["id"],
          with: {
            posts: postsOfUser({
              orderBy: ["title"],
              with: {
                tags: tagsOfPost({ orderBy: ["id"], with: { posts: postsOfTag({ with: { author: authorOfPost } }) } })
              }
            }),
            reports: reportsOfUser({ with: { reports: reportsOfUser } })
          }
        })
      )
      same(queries, 7)
      same(users[0]?.posts[0]?.tags[0]?.posts.map(({ author }) => author.name).toSorted(), ["ada", "bob"])
      same(
        users[0]?.reports[0]?.reports.map(({ name }) => name),
        ["cyd"]
      )
    })
  },
  {
    name: "filters, orders and limits for each row",
    run: Effect.fnUntraced(function* () {
      yield* world
      yield* Posts.updateWhere({ title: "two" }, { draft: false })
      const some = postsOfUser({ where: { draft: true }, orderBy: [{ desc: "title" }], limit: 1 })
      const users = yield* Users.find({ orderBy: ["id"], with: { some, all: postsOfUser } })
      same(
        users.map(({ all, some }) => [titles(some), all.length]),
        [
          [["three"], 3],
          [["four"], 1],
          [[], 0]
        ]
      )
      const limited = yield* Tags.find({
        orderBy: ["id"],
        with: { posts: postsOfTag({ orderBy: ["title"], limit: 1 }) }
      })
      same(
        limited.map(({ posts }) => titles(posts)),
        [["four"], ["one"]]
      )
    })
  },
  {
    name: "asks nothing where there is nothing to ask for",
    run: Effect.fnUntraced(function* () {
      const [users, queries] = yield* queriesOf(
        Users.find({ with: { posts: postsOfUser({ with: { tags: tagsOfPost } }) } })
      )
      same([users, queries], [[], 1])
      yield* author("a")
      const [, more] = yield* queriesOf(Users.find({ with: { boss: managerOfUser } }))
      same(more, 1)
    })
  },
  {
    name: "loads single relations of fibers that ask together with one query",
    run: Effect.fnUntraced(function* () {
      yield* world
      const users = yield* Users.find({ orderBy: ["id"] })
      const byTitle = postsOfUser({ orderBy: ["title"] })
      const [posts, queries] = yield* queriesOf(
        Effect.forEach(users, (user) => Users.load(user, byTitle), { concurrency: "unbounded" })
      )
      same(queries, 1)
      same(posts.map(titles), [["one", "three", "two"], ["four"], []])
      const [both, two] = yield* queriesOf(
        Effect.all(
          users.flatMap((user) => [Users.load(user, managerOfUser), Users.load(user, profileOfUser)]),
          { concurrency: "unbounded" }
        )
      )
      same([both.length, two], [6, 2])
    })
  },
  {
    name: "loads single relations within the transaction of those who ask",
    run: Effect.fnUntraced(function* () {
      yield* Orm.transaction(
        Effect.gen(function* () {
          const { user } = yield* author("a", "one")
          same(titles(yield* Users.load(user, postsOfUser)), ["one"])
          yield* Posts.insert({ authorId: user.id, title: "two" })
          same(titles(yield* Users.load(user, postsOfUser)).toSorted(), ["one", "two"])
        })
      )
    })
  },
  {
    name: "loads relations of a thousand rows with two queries",
    run: Effect.fnUntraced(function* () {
      const { user } = yield* author("a")
      yield* Posts.insertMany(Array.from({ length: 1000 }, (_, i) => ({ authorId: user.id, title: `${i}` })))
      const [posts, queries] = yield* queriesOf(Posts.find({ with: { author: authorOfPost, tags: tagsOfPost } }))
      same([posts.length, queries], [1000, 3])
    })
  },
  {
    name: "refuses relations of another model, and names that columns have",
    run: Effect.fnUntraced(function* () {
      const { user } = yield* author("a", "one")
      yield* fails(Users.find({ with: { tags: tagsOfPost } as never }), "QueryInvalid")
      yield* fails(Users.find({ with: { name: postsOfUser } }), "QueryInvalid")
      yield* fails(Users.load(user, tagsOfPost as never), "QueryInvalid")
      yield* fails(Users.find({ with: { posts: postsOfUser({ where: { nope: 1 } as never }) } }), "QueryInvalid")
      yield* fails(Users.find({ with: { posts: postsOfUser({ orderBy: ["nope" as never] }) } }), "QueryInvalid")
    })
  }
]
