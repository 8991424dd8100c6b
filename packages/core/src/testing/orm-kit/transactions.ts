/** What is kept and what is undone; who sees what. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Orm from "../../orm/Orm.ts"
import { until } from "../until.ts"
import type { OrmCase } from "./Harness.ts"
import { Tags } from "./Models.ts"
import { fails, holds, same } from "./Stage.ts"

const add = (label: string) => Tags.insert({ label })
const labels = Effect.map(Tags.find({ orderBy: ["label"] }), (rows) => rows.map(({ label }) => label))
const no = Effect.fail("no" as const)

export const transactions: ReadonlyArray<OrmCase> = [
  {
    name: "keeps what a transaction wrote when it succeeds, and gives its value",
    run: Effect.fnUntraced(function* () {
      same(yield* Orm.transaction(Effect.as(Effect.andThen(add("a"), add("b")), 5)), 5)
      same(yield* labels, ["a", "b"])
    })
  },
  {
    name: "undoes everything when it fails, and gives its error",
    run: Effect.fnUntraced(function* () {
      same(yield* Effect.flip(Orm.transaction(Effect.andThen(add("a"), no))), "no")
      same(yield* labels, [])
    })
  },
  {
    name: "undoes everything when it dies",
    run: Effect.fnUntraced(function* () {
      const exit = yield* Effect.exit(Orm.transaction(Effect.andThen(add("a"), Effect.die("bug"))))
      holds(Exit.hasDies(exit))
      same(yield* labels, [])
    })
  },
  {
    name: "undoes everything when it is interrupted, and lets the next one begin",
    run: Effect.fnUntraced(function* () {
      const reached = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(
        Orm.transaction(Effect.andThen(add("a"), Effect.andThen(Deferred.succeed(reached, undefined), Effect.never)))
      )
      yield* Deferred.await(reached)
      yield* Fiber.interrupt(fiber)
      same(yield* labels, [])
      yield* Orm.transaction(add("b"))
      same(yield* labels, ["b"])
    })
  },
  {
    name: "lets go of one that is interrupted while it waits",
    run: Effect.fnUntraced(function* () {
      const reached = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const first = yield* Effect.forkChild(
        Orm.transaction(
          Effect.andThen(add("a"), Effect.andThen(Deferred.succeed(reached, undefined), Deferred.await(go)))
        )
      )
      yield* Deferred.await(reached)
      // the same row: where writers run at the same time, it waits for the row
      const second = yield* Effect.forkChild(Orm.transaction(add("a")))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(second)
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.join(first)
      yield* add("b")
      same(yield* labels, ["a", "b"])
    })
  },
  {
    name: "sees its own writes, which others do not see before the commit",
    run: Effect.fnUntraced(function* () {
      const written = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const fiber = yield* Effect.forkChild(
        Orm.transaction(
          Effect.gen(function* () {
            yield* add("a")
            same(yield* labels, ["a"])
            yield* Deferred.succeed(written, undefined)
            yield* Deferred.await(go)
          })
        )
      )
      yield* Deferred.await(written)
      // a database of one connection answers only when the transaction is over
      const seen = yield* Effect.forkChild(labels)
      for (let i = 0; i < 100; i++) yield* Effect.yieldNow
      const early = seen.pollUnsafe()
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.join(fiber)
      const late = yield* Fiber.join(seen)
      if (early !== undefined) same(late, [])
      same(yield* labels, ["a"])
    })
  },
  {
    name: "keeps a savepoint that succeeds, and undoes one that fails alone",
    run: Effect.fnUntraced(function* () {
      yield* Orm.transaction(
        Effect.gen(function* () {
          yield* add("a")
          yield* Orm.transaction(add("b"))
          same(yield* Effect.flip(Orm.transaction(Effect.andThen(add("c"), no))), "no")
          same(yield* labels, ["a", "b"])
          yield* add("d")
        })
      )
      same(yield* labels, ["a", "b", "d"])
    })
  },
  {
    name: "undoes savepoints that succeeded when what is around them fails",
    run: Effect.fnUntraced(function* () {
      const inner = Orm.transaction(Effect.andThen(add("b"), Orm.transaction(add("c"))))
      yield* Effect.flip(Orm.transaction(Effect.andThen(Effect.andThen(add("a"), inner), no)))
      same(yield* labels, [])
    })
  },
  {
    name: "goes on after an error that a savepoint contained",
    run: Effect.fnUntraced(function* () {
      yield* add("a")
      yield* Orm.transaction(
        Effect.gen(function* () {
          yield* fails(Orm.transaction(add("a")), "UniqueViolation")
          yield* add("b")
        })
      )
      same(yield* labels, ["a", "b"])
    })
  },
  {
    name: "does not go on after an error that nothing contained, nor does it commit",
    run: Effect.fnUntraced(function* () {
      yield* add("a")
      const after = Orm.transaction(
        Effect.gen(function* () {
          yield* add("b")
          yield* Effect.exit(add("a"))
          yield* fails(add("c"), "TransactionAborted")
          yield* fails(labels, "TransactionAborted")
          yield* fails(Orm.transaction(add("d")), "TransactionAborted")
          return "caught"
        })
      )
      yield* fails(after, "TransactionAborted")
      same(yield* labels, ["a"])
    })
  },
  {
    name: "goes on after an error that never reached the database",
    run: Effect.fnUntraced(function* () {
      yield* Orm.transaction(
        Effect.gen(function* () {
          yield* fails(Tags.insert({ label: 1 as never }), "ValueInvalid")
          yield* fails(Tags.find({ where: { nope: 1 } as never }), "QueryInvalid")
          yield* fails(Tags.update(77, { label: "x" }), "NotFound")
          yield* add("a")
        })
      )
      same(yield* labels, ["a"])
    })
  },
  {
    name: "takes in the queries of child fibers, and savepoints of siblings one after the other",
    run: Effect.fnUntraced(function* () {
      yield* Orm.transaction(
        Effect.gen(function* () {
          const one = (i: number) =>
            Orm.transaction(
              Effect.gen(function* () {
                yield* add(`in ${i}`)
                for (let i = 0; i < 5; i++) yield* Effect.yieldNow
                if (i % 2 === 1) yield* no
              })
            ).pipe(Effect.ignore)
          const outside = Effect.forEach([0, 1, 2, 3], (i) => Effect.andThen(Effect.yieldNow, add(`out ${i}`)))
          yield* Effect.all([...[0, 1, 2, 3].map(one), outside], { concurrency: "unbounded" })
        })
      )
      same(yield* labels, ["in 0", "in 2", "out 0", "out 1", "out 2", "out 3"])
    })
  },
  {
    name: "is over for a fiber that outlives it",
    run: Effect.fnUntraced(function* () {
      const go = yield* Deferred.make<void>()
      const late = yield* Orm.transaction(Effect.forkDetach(Effect.andThen(Deferred.await(go), add("late"))))
      yield* Deferred.succeed(go, undefined)
      yield* fails(Fiber.join(late), "TransactionAborted")
      same(yield* labels, [])
    })
  },
  {
    name: "runs what waits for the commit after it, in order, outside of the transaction",
    run: Effect.fnUntraced(function* () {
      const seen: Array<string> = []
      const say = (what: string) => Effect.map(Effect.orDie(labels), (now) => void seen.push(`${what}: ${now.join()}`))
      yield* Orm.transaction(
        Effect.gen(function* () {
          yield* Orm.afterCommit(say("first"))
          yield* Orm.transaction(Effect.andThen(add("a"), Orm.afterCommit(say("second"))))
          yield* Effect.ignore(Orm.transaction(Effect.andThen(Orm.afterCommit(say("undone")), no)))
          same(seen, [])
        })
      )
      same(seen, ["first: a", "second: a"])
      yield* Orm.afterCommit(say("at once"))
      same(seen.length, 3)
    })
  },
  {
    name: "runs nothing of it when the transaction is undone, and commits whatever it dies of",
    run: Effect.fnUntraced(function* () {
      let ran = 0
      const count = Effect.sync(() => void ran++)
      yield* Effect.ignore(Orm.transaction(Effect.andThen(Orm.afterCommit(count), no)))
      same(ran, 0)
      const dies = Effect.andThen(Orm.afterCommit(Effect.die("bug")), Orm.afterCommit(count))
      yield* Orm.transaction(Effect.andThen(dies, add("a")))
      same([ran, yield* labels], [1, ["a"]])
    })
  },
  {
    name: "waits in line: many fibers increment through transactions that read first",
    run: Effect.fnUntraced(function* () {
      yield* Tags.insert({ label: "0" })
      const { forUpdate } = { forUpdate: Tags.find() }
      const one = Orm.transaction(
        Effect.gen(function* () {
          const [row] = yield* forUpdate
          yield* Effect.yieldNow
          yield* Tags.updateAll({ label: `${Number(row?.label) + 1}` })
        })
      )
      const patient = Effect.retry(one, { while: (error) => error._tag === "Busy", times: 100 })
      yield* Effect.all(
        Array.from({ length: 10 }, () => patient),
        { concurrency: 1 }
      )
      same(yield* labels, ["10"])
    })
  },
  {
    name: "does not lose the writes of another process that writes meanwhile",
    needs: ["processes"],
    run: Effect.fnUntraced(function* ({ another }) {
      if (another === undefined) return yield* Effect.die("the harness has no second connection")
      const other = yield* another
      const both = Array.from({ length: 25 }, (_, i) => [
        Orm.transaction(Effect.andThen(add(`a${i}`), Effect.yieldNow)),
        other.transaction(Effect.andThen(Tags.over(other).insert({ label: `b${i}` }), Effect.yieldNow))
      ])
      yield* Effect.all(both.flat(), { concurrency: "unbounded" })
      same(yield* Tags.count(), 50)
      same(yield* Tags.over(other).count(), 50)
    })
  },
  {
    name: "waits for another process that writes",
    needs: ["processes"],
    run: Effect.fnUntraced(function* ({ another }) {
      if (another === undefined) return yield* Effect.die("the harness has no second connection")
      const other = yield* another
      const reached = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const theirs = Tags.over(other)
      const held = yield* Effect.forkChild(
        other.transaction(
          Effect.gen(function* () {
            yield* theirs.insert({ label: "same" })
            yield* Deferred.succeed(reached, undefined)
            yield* Deferred.await(go)
          })
        )
      )
      yield* Deferred.await(reached)
      const mine = yield* Effect.forkChild(Effect.exit(add("same")))
      for (let i = 0; i < 100; i++) yield* Effect.yieldNow
      same(mine.pollUnsafe(), undefined)
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.join(held)
      let ended = false
      mine.addObserver(() => void (ended = true))
      yield* until("the waiting insert to end", () => ended)
      holds(Exit.isFailure(yield* Fiber.join(mine)))
      same(yield* labels, ["same"])
    })
  }
]
