import { statSync } from "node:fs"
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import * as Column from "@mortise/core/orm/Column"
import * as Model from "@mortise/core/orm/Model"
import { type Interpreter, Orm } from "@mortise/core/orm/Orm"
import * as Query from "@mortise/core/orm/Query"
import * as Repository from "@mortise/core/orm/Repository"
import { Sqlite, SqliteTables } from "@mortise/orm"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"

const Note = Model.make("notes", {
  id: Column.Integer().primaryKey(),
  text: Column.Text(),
  size: Column.Integer().nullable(),
  data: Column.Json(Column.Text().spec.base as never).nullable()
})
const Notes = Repository.make(Note)

const place = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "mortise-orm-"))),
    (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
  ),
  (folder) => join(folder, "notes.db")
)

const createNotes = (orm: Interpreter) =>
  Effect.forEach(SqliteTables.createTable(Note.table), (sql) => orm.run(Query.raw({ text: { sqlite: sql } })))

/** A database with the table, and its file. */
const database = Effect.gen(function* () {
  const file = yield* place
  const orm = yield* Sqlite.make({ file })
  yield* createNotes(orm)
  return { orm, file, notes: Notes.over(orm) }
})

/** Another program that has the file, without any of this. */
const stranger = (file: string) =>
  Effect.acquireRelease(
    Effect.sync(() => new DatabaseSync(file)),
    (database) => Effect.sync(() => database.close())
  )

describe("Sqlite", () => {
  it.effect("is busy after the time that it may wait, by Clock, and says so", () =>
    Effect.gen(function* () {
      const { file, notes, orm } = yield* database
      const other = yield* stranger(file)
      other.exec("begin immediate")
      const insert = yield* Effect.forkChild(Effect.flip(notes.insert({ text: "a" })))
      const transaction = yield* Effect.forkChild(Effect.flip(orm.transaction(Effect.void)))
      yield* TestClock.adjust(4900)
      assert.isUndefined(insert.pollUnsafe())
      // reading waits for nobody
      assert.strictEqual(yield* notes.count(), 0)
      yield* TestClock.adjust(200)
      assert.strictEqual((yield* Fiber.join(insert))._tag, "Busy")
      assert.strictEqual((yield* Fiber.join(transaction))._tag, "Busy")
      other.exec("rollback")
      assert.strictEqual((yield* notes.insert({ text: "b" })).text, "b")
    })
  )

  it.live("says what a stranger wrote into the database that the model does not allow", () =>
    Effect.gen(function* () {
      const { file, notes } = yield* database
      const other = yield* stranger(file)
      other.exec("insert into notes (text, size) values ('a', 9007199254740993)")
      assert.strictEqual((yield* Effect.flip(notes.find()))._tag, "RowInvalid")
      other.exec("update notes set size = 1, data = 'no json'")
      const error = yield* Effect.flip(notes.find())
      assert.deepInclude(error, { _tag: "RowInvalid", table: "notes", column: "data" })
      other.exec("update notes set data = '5'")
      assert.strictEqual((yield* Effect.flip(notes.find()))._tag, "RowInvalid")
      other.exec("update notes set data = '\"text\"'")
      assert.deepStrictEqual(yield* notes.find(), [{ id: 1, text: "a", size: 1, data: "text" as never }])
    })
  )

  it.live("fails, and undoes, when the database goes away within a transaction", () =>
    Effect.gen(function* () {
      const file = yield* place
      const scope = yield* Scope.make()
      const orm = yield* Effect.provideService(Sqlite.make({ file }), Scope.Scope, scope)
      yield* createNotes(orm)
      const notes = Notes.over(orm)
      const exit = yield* Effect.exit(
        orm.transaction(
          Effect.gen(function* () {
            yield* notes.insert({ text: "a" })
            yield* Scope.close(scope, Exit.void)
            yield* notes.insert({ text: "b" })
          })
        )
      )
      assert.isTrue(Exit.isFailure(exit))
      assert.strictEqual((yield* Effect.flip(notes.count()))._tag, "ConnectionLost")
      assert.strictEqual((yield* Effect.flip(orm.ping))._tag, "ConnectionLost")
      assert.strictEqual((yield* Effect.flip(orm.transaction(Effect.void)))._tag, "ConnectionLost")
      const again = yield* Sqlite.make({ file })
      assert.strictEqual(yield* Notes.over(again).count(), 0)
    })
  )

  it.live("never says that a commit succeeded when the database went away before it", () =>
    Effect.gen(function* () {
      const file = yield* place
      const scope = yield* Scope.make()
      const orm = yield* Effect.provideService(Sqlite.make({ file }), Scope.Scope, scope)
      yield* createNotes(orm)
      const writes = Effect.andThen(Notes.over(orm).insert({ text: "a" }), Scope.close(scope, Exit.void))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(orm.transaction(writes))))
      assert.strictEqual(yield* Notes.over(yield* Sqlite.make({ file })).count(), 0)
    })
  )

  it.live("refuses a file that is no database", () =>
    Effect.gen(function* () {
      const file = yield* place
      yield* Effect.promise(() =>
        writeFile(file, "this is not a database, but long enough to be taken for one".repeat(99))
      )
      assert.strictEqual((yield* Effect.flip(Sqlite.make({ file })))._tag, "ConnectionLost")
    })
  )

  it.live("makes a file that only its owner may read, and leaves the mode of one that is there", () =>
    Effect.gen(function* () {
      const modesOf = (file: string) =>
        ["", "-wal", "-shm"].map((end) => (statSync(file + end).mode & 0o777).toString(8))
      const { file } = yield* database
      assert.deepStrictEqual(modesOf(file), ["600", "600", "600"])
      const shared = yield* place
      yield* Effect.promise(async () => {
        await writeFile(shared, "")
        await chmod(shared, 0o664)
      })
      yield* createNotes(yield* Sqlite.make({ file: shared }))
      assert.deepStrictEqual(modesOf(shared), ["664", "664", "664"])
    })
  )

  it.live("answers readers while a transaction holds the writer", () =>
    Effect.gen(function* () {
      const { notes, orm } = yield* database
      yield* notes.insert({ text: "a" })
      const written = yield* Deferred.make<void>()
      const read = yield* Deferred.make<void>()
      const writer = yield* Effect.forkChild(
        orm.transaction(
          Effect.gen(function* () {
            yield* notes.insert({ text: "b" })
            yield* Deferred.succeed(written, undefined)
            yield* Deferred.await(read)
          })
        )
      )
      yield* Deferred.await(written)
      assert.strictEqual(yield* notes.count(), 1)
      yield* Deferred.succeed(read, undefined)
      yield* Fiber.join(writer)
      assert.strictEqual(yield* notes.count(), 2)
    })
  )

  it.live("lets two that write one file take turns, and loses nothing of either", () =>
    Effect.gen(function* () {
      const { file, notes, orm } = yield* database
      const counter = yield* notes.insert({ text: "counter", size: 0 })
      const second = yield* Sqlite.make({ file })
      /** Reads, gives others their turn, and writes what it has read and one more. */
      const add = (orm: Interpreter) =>
        orm.transaction(
          Effect.gen(function* () {
            const mine = Notes.over(orm)
            const size = Option.getOrThrow(yield* mine.byId(counter.id)).size ?? 0
            yield* Effect.yieldNow
            yield* mine.update(counter.id, { size: size + 1 })
            yield* mine.insert({ text: `after ${size}` })
          })
        )
      const all = [orm, second].flatMap((orm) => Array.from({ length: 100 }, () => add(orm)))
      yield* Effect.all(all, { concurrency: "unbounded", discard: true })
      assert.strictEqual(Option.getOrThrow(yield* notes.byId(counter.id)).size, 200)
      assert.strictEqual(yield* notes.count(), 201)
    })
  )

  it.live("provides Orm as a layer", () =>
    Effect.gen(function* () {
      yield* Effect.flatMap(Orm, createNotes)
      yield* Notes.insert({ text: "a" })
      assert.strictEqual(yield* Notes.count(), 1)
    }).pipe(Effect.provide(Sqlite.layer({ file: ":memory:" })))
  )
})

describe("numbers past 2^53", () => {
  const Big = Model.make("big", { id: Column.BigInteger().primaryKey(), parent: Column.BigInteger().nullable() })
  const Bigs = Repository.make(Big)

  it.live("are keys that the database gives and that are exact, alone and in relations", () =>
    Effect.gen(function* () {
      const orm = yield* Sqlite.make({ file: ":memory:" })
      const bigs = Bigs.over(orm)
      for (const sqlite of SqliteTables.createTable(Big.table)) yield* orm.run(Query.raw({ text: { sqlite } }))
      assert.deepStrictEqual(yield* bigs.insert({}), { id: 1n, parent: null })
      const id = 2n ** 53n + 1n
      yield* bigs.insert({ id, parent: 1n })
      // the next number that the database gives is past 2^53, too
      assert.deepStrictEqual(yield* bigs.insert({ parent: id }), { id: id + 1n, parent: id })
      assert.deepStrictEqual(yield* bigs.find({ where: { parent: { in: [id, id + 1n] } } }), [
        { id: id + 1n, parent: id }
      ])
      assert.strictEqual(yield* bigs.count({ id: { gt: 2n ** 53n } }), 2)
    })
  )
})
