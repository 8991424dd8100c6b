// @module-tag service
import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { diff } from "../../src/migrations/internal/diff.ts"
import { inverseOf } from "../../src/migrations/internal/inverse.ts"
import { postgresWriter } from "../../src/migrations/internal/postgresWriter.ts"
import { sqliteWriter } from "../../src/migrations/internal/sqliteWriter.ts"
import type { Writer } from "../../src/migrations/internal/step.ts"
import { empty, replay } from "../../src/migrations/SchemaState.ts"
import { available, connect, database } from "../postgres.ts"
import { type Bare, postgres, run, sqlite } from "./bare.ts"
import { modelsOf, type Plan, plan } from "./models.ts"

const tablesOf = (given: Plan) => modelsOf(given).map(({ table }) => table)

/** Up to `b` by way of `a` gives what `b` gives from nothing; and undone it is as `a` made it. */
const thereAndBack = <E>(writer: Writer, fresh: Effect.Effect<Bare<E>, E>, a: Plan, b: Plan) =>
  Effect.gen(function* () {
    const direct = yield* fresh
    yield* run(direct, writer.write(empty, diff(empty, tablesOf(b))))
    const expected = yield* direct.describe

    const bare = yield* fresh
    const first = diff(empty, tablesOf(a))
    yield* run(bare, writer.write(empty, first))
    const before = yield* bare.describe
    const state = replay(first)
    const operations = diff(state, tablesOf(b))
    yield* run(bare, writer.write(state, operations))
    assert.deepEqual(yield* bare.describe, expected)

    yield* run(bare, writer.write(replay(operations, state), inverseOf(operations).operations))
    assert.deepEqual(yield* bare.describe, before)
  })

describe("SQL of operations", () => {
  it.live("SQLite: any models become any others, and back", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(plan, plan, (a, b) =>
          Effect.runPromise(thereAndBack(sqliteWriter, Effect.sync(sqlite), a, b))
        ),
        { numRuns: 200 }
      )
    )
  )

  it.live.runIf(available)(
    "PostgreSQL: any models become any others, and back",
    () =>
      Effect.gen(function* () {
        const connection = yield* Effect.flatMap(database, connect)
        const fresh = Effect.gen(function* () {
          yield* connection.query("drop schema if exists test cascade; ", [], false)
          yield* connection.query("create schema test", [], false)
          yield* connection.query("set search_path to test", [], false)
          return postgres(connection)
        })
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(plan, plan, (a, b) =>
              Effect.runPromise(thereAndBack(postgresWriter, fresh, a, b) as Effect.Effect<void, unknown>)
            ),
            { numRuns: 40 }
          )
        )
      }).pipe(Effect.scoped),
    120_000
  )
})
