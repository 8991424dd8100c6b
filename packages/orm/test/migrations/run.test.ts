// @module-tag service
import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Column from "@mortise/core/orm/Column"
import type * as Migration from "@mortise/core/orm/Migration"
import * as Model from "@mortise/core/orm/Model"
import { Orm, run } from "@mortise/core/orm/Orm"
import * as Query from "@mortise/core/orm/Query"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Migrations from "../../src/migrations/Migrations.ts"
import { harnesses } from "./harness.ts"
import { app, Post1, Post2, through, User1, User2, User3 } from "./stories.ts"

const names = (done: ReadonlyArray<Migrations.Done>) =>
  done.map(({ migration, namespace }) => `${namespace}/${migration}`)

const failure = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) => Effect.flip(effect)

const addUser = (user: typeof User1.Insert) => run(Query.insert(User1).returning(), user)

for (const harness of harnesses) {
  describe(`migrations on ${harness.dialect}`, () => {
    const story = (name: string, effect: Effect.Effect<void, unknown, Orm | Scope.Scope>) =>
      it.live(
        name,
        () =>
          Effect.gen(function* () {
            const orm = yield* Effect.flatMap(harness.place, harness.open)
            yield* Effect.provideService(effect, Orm, orm)
          }).pipe(Effect.scoped),
        60_000
      )

    story(
      "go up, keep the rows, and come down again",
      Effect.gen(function* () {
        const [first, second] = yield* through([User1, Post1], [User2, Post2])
        assert.deepEqual(names(yield* Migrations.up([app([User1, Post1], [first!])])), ["app/0001_create_users_posts"])
        const user = yield* addUser({ nick: "ann", legacy: "x" })
        yield* run(Query.insert(Post1), { author: user.id, title: "hello" })

        const now = [app([User2, Post2], [first!, second!])]
        assert.equal((yield* Migrations.up(now)).length, 1)
        assert.deepEqual(yield* run(Query.from(User2)), [{ id: user.id, name: "ann", role: "member", legacy: "x" }])
        // what pointed to the table that was made anew is still there
        assert.equal((yield* run(Query.from(Post2))).length, 1)
        assert.deepEqual(yield* Migrations.up(now), [])

        assert.equal((yield* Migrations.down(now, "app", { allowDestructive: true })).length, 1)
        assert.deepEqual(yield* run(Query.from(User1)), [{ id: user.id, nick: "ann", legacy: "x" }])
        assert.equal((yield* run(Query.from(Post1))).length, 1)
      })
    )

    story(
      "leave foreign keys in force",
      Effect.gen(function* () {
        const migrations = yield* through([User1, Post1], [User2, Post2])
        yield* Migrations.up([app([User2, Post2], migrations)])
        const error = yield* failure(run(Query.insert(Post2), { author: 99, title: "of nobody" }))
        assert.equal(error._tag, "ForeignKeyViolation")
        const wrong = yield* failure(run(Query.insert(User2), { name: "ann", role: "boss" as never }))
        assert.equal(wrong._tag, "ValueInvalid")
      })
    )

    story(
      "refuse what destroys until the file says that it is meant, and say how much would be lost",
      Effect.gen(function* () {
        const [first, second, third] = yield* through([User1, Post1], [User2, Post2], [User3, Post2])
        yield* Migrations.up([app([User1, Post1], [first!])])
        yield* addUser({ nick: "ann", legacy: "x" })
        yield* addUser({ nick: "bob" })
        const all = [app([User3, Post2], [first!, second!, third!])]
        const refused = yield* failure(Migrations.up(all))
        assert.ok(refused._tag === "DestructiveRefused")
        assert.deepEqual(refused.losses, [{ namespace: "app", migration: third!.id, what: "users.legacy", rows: 1 }])
        assert.match(refused.message, /users\.legacy, 1 row\nNothing was done.*destroys: \["users\.legacy"\]/s)
        // not even the harmless one before it
        assert.deepEqual(
          (yield* Migrations.status(all))[0]!.migrations.map(({ state }) => state),
          ["applied", "pending", "pending"]
        )
        const meant = [app([User3, Post2], [first!, second!, { ...third!, destroys: ["users.legacy"] }])]
        assert.equal((yield* Migrations.up(meant)).length, 2)
        const back = yield* failure(Migrations.down(meant, "app", { steps: 3 }))
        assert.ok(back._tag === "DestructiveRefused")
        assert.ok(back.losses.some(({ rows, what }) => what === "users" && rows === 2))
      })
    )

    story(
      "tell a changed, a missing and an overtaken migration, and touch nothing",
      Effect.gen(function* () {
        const [first, second] = yield* through([User1, Post1], [User2, Post2])
        yield* Migrations.up([app([User1, Post1], [first!])])
        const changed = { ...first!, operations: first!.operations.slice(0, 1) }
        const error = yield* failure(Migrations.up([app([User2, Post2], [changed, second!])]))
        assert.ok(error._tag === "HistoryDiffers")
        assert.deepEqual(
          error.differences.map(({ kind }) => kind),
          ["changed"]
        )

        const missing = yield* failure(Migrations.up([app([User2, Post2], [second!])]))
        assert.ok(missing._tag === "HistoryDiffers")
        assert.deepEqual(
          missing.differences.map(({ kind }) => kind),
          ["missing"]
        )

        const tag = Model.make("tags", { id: Column.Integer().primaryKey() })
        const early: Migration.Migration = {
          id: "0000_tags",
          operations: [
            {
              op: "createTable",
              table: {
                name: "tags",
                columns: [{ name: "id", type: { kind: "integer" }, generated: true }],
                primaryKey: ["id"],
                indexes: []
              }
            }
          ]
        }
        const both = [app([User1, Post1, tag], [early, first!])]
        const late = yield* failure(Migrations.up(both))
        assert.ok(late._tag === "HistoryDiffers")
        assert.deepEqual(late.differences, [{ namespace: "app", migration: "0000_tags", kind: "out of order" }])
        assert.deepEqual(names(yield* Migrations.up(both, { outOfOrder: true })), ["app/0000_tags"])
      })
    )

    story(
      "keep those before one that fails, undo all of that one, and go on when it is mended",
      Effect.gen(function* () {
        const [first, second] = yield* through([User1, Post1], [User2, Post2])
        const broken: Migration.Migration = {
          id: second!.id,
          operations: [...second!.operations, { op: "sql", up: { [harness.dialect]: ["select no_such_thing"] } }]
        }
        const error = yield* failure(Migrations.up([app([User2, Post2], [first!, broken])]))
        assert.ok(error._tag === "MigrationFailed")
        assert.equal(error.migration, second!.id)
        yield* addUser({ nick: "ann" })
        yield* Migrations.up([app([User2, Post2], [first!, second!])])
        assert.equal((yield* run(Query.from(User2)))[0]!.name, "ann")
      })
    )

    story(
      "change rows through the Orm, in the transaction of the migration",
      Effect.gen(function* () {
        const [first] = yield* through([User1, Post1])
        const shout = (boom: boolean): Migration.Migration => ({
          id: "0002_shout",
          operations: [
            {
              op: "data",
              name: "names in capitals",
              up: Effect.gen(function* () {
                for (const { id, nick } of yield* run(Query.from(User1))) {
                  yield* run(Query.update(User1).set({ nick: nick.toUpperCase() }).where({ id }))
                }
                if (boom) yield* Effect.fail(new Error("boom"))
              })
            }
          ]
        })
        yield* Migrations.up([app([User1, Post1], [first!])])
        yield* addUser({ nick: "ann" })
        const error = yield* failure(Migrations.up([app([User1, Post1], [first!, shout(true)])]))
        assert.ok(error._tag === "MigrationFailed")
        assert.match(error.message, /names in capitals.*boom/)
        assert.equal((yield* run(Query.from(User1)))[0]!.nick, "ann")
        const now = [app([User1, Post1], [first!, shout(false)])]
        yield* Migrations.up(now)
        assert.equal((yield* run(Query.from(User1)))[0]!.nick, "ANN")
        const back = yield* failure(Migrations.down(now, "app"))
        assert.ok(back._tag === "Irreversible")
        assert.match(back.message, /names in capitals/)
      })
    )

    story(
      "need a value for rows that are there when a column may not be null",
      Effect.gen(function* () {
        const Aged = Model.make("users", { ...User1.columns, age: Column.Integer() })
        const [first] = yield* through([User1])
        yield* Migrations.up([app([User1], [first!])])
        yield* addUser({ nick: "ann" })
        const bare = (yield* Migrations.generate([app([Aged], [first!])], "app"))!
        assert.match(bare.source, /users\.age needs a fill/)
        const error = yield* failure(Migrations.up([app([Aged], [first!, bare.migration])]))
        assert.ok(error._tag === "MigrationFailed")
        assert.match(error.message, /no value for "age".*fill/)
        const filled = (yield* Migrations.generate([app([Aged], [first!])], "app", { fill: { "users.age": 18 } }))!
        yield* Migrations.up([app([Aged], [first!, filled.migration])])
        assert.deepEqual(
          (yield* run(Query.from(Aged))).map(({ age }) => age),
          [18]
        )
      })
    )

    story(
      "make tables from models alone, follow them while nothing is lost, and hand over to files",
      Effect.gen(function* () {
        assert.equal((yield* Migrations.up([app([User1, Post1], undefined)])).length, 1)
        yield* addUser({ nick: "ann", legacy: "x" })
        assert.deepEqual(names(yield* Migrations.up([app([User2, Post2], undefined)])), ["app/auto_0002"])
        assert.deepEqual(yield* Migrations.up([app([User2, Post2], undefined)]), [])
        assert.equal((yield* run(Query.from(User2)))[0]!.name, "ann")
        const refused = yield* failure(Migrations.up([app([User3, Post2], undefined)]))
        assert.equal(refused._tag, "DestructiveRefused")

        // files that make the same tables are taken as applied, and those after them are run
        const files = yield* through([User2, Post2], [User3, Post2])
        const meant = [files[0]!, { ...files[1]!, destroys: ["users.legacy"] }]
        assert.deepEqual(names(yield* Migrations.up([app([User3, Post2], meant)])), [`app/${files[1]!.id}`])
        assert.deepEqual(
          (yield* Migrations.status([app([User3, Post2], meant)]))[0]!.migrations.map(({ state }) => state),
          ["applied", "applied"]
        )
      })
    )

    story(
      "follow the needs of namespaces, and leave those of others alone",
      Effect.gen(function* () {
        const Member = Model.make("members", {
          id: Column.Integer().primaryKey(),
          user: Column.ForeignKey(() => User1)
        })
        const [users] = yield* through([User1])
        const accounts = { namespace: "accounts", models: [User1], migrations: [users!] }
        const club: Migration.Namespace = {
          namespace: "app",
          dependsOn: ["accounts"],
          models: [Member],
          migrations: []
        }
        const made = (yield* Migrations.generate([club, accounts], "app"))!
        assert.deepEqual(
          made.migration.operations.map(({ op }) => op),
          ["createTable"]
        )
        const both = [{ ...club, migrations: [made.migration] }, accounts]
        assert.deepEqual(
          (yield* Migrations.up(both)).map(({ namespace }) => namespace),
          ["accounts", "app"]
        )
        const back = yield* failure(Migrations.down(both, "accounts"))
        assert.match(back.message, /"members\.user" of another namespace points to "users"/)
        const alone = yield* failure(Migrations.generate([{ ...club, dependsOn: [] }, accounts], "app"))
        assert.match(alone.message, /"members\.user" points to "users"/)
        const circle = yield* failure(Migrations.up([club, { ...accounts, dependsOn: ["app"] }]))
        assert.match(circle.message, /depend on each other: app → accounts → app/)
      })
    )

    story(
      "show the SQL without running it",
      Effect.gen(function* () {
        const migrations = yield* through([User1, Post1], [User2, Post2])
        const text = yield* Migrations.sql([app([User2, Post2], migrations)])
        assert.match(text, /-- app\/0001_create_users_posts\ncreate table "users"/)
        assert.match(text, /rename column "nick" to "name"/)
        assert.deepEqual(
          (yield* Migrations.status([app([User2, Post2], migrations)]))[0]!.migrations.map(({ state }) => state),
          ["pending", "pending"]
        )
        const open = yield* failure(Migrations.check([app([User2, Post2], migrations)]))
        assert.equal(open._tag, "MigrationsPending")
      })
    )

    it.live(
      "one at a time: others wait, and find it done",
      () =>
        Effect.gen(function* () {
          const place = yield* harness.place
          const migrations = yield* through([User1, Post1], [User2, Post2])
          const orms = yield* Effect.all([1, 2, 3, 4].map(() => harness.open(place)))
          const done = yield* Effect.forEach(
            orms,
            (orm) => Effect.provideService(Migrations.up([app([User2, Post2], migrations)]), Orm, orm),
            { concurrency: "unbounded" }
          )
          assert.deepEqual(done.map((one) => one.length).sort(), [0, 0, 0, 2])
        }).pipe(Effect.scoped),
      60_000
    )
  })
}
