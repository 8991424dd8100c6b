/** Runs the kits in vitest: the only module that imports it. */
import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as TestClock from "effect/testing/TestClock"
import { Orm } from "../orm/Orm.ts"
import { BinaryWire } from "../transport/BinaryWire.ts"
import { JsonWire } from "../transport/JsonWire.ts"
import type { Wire } from "../transport/Wire.ts"
import * as GatewayKit from "./GatewayKit.ts"
import * as OrmKit from "./OrmKit.ts"
import * as TasksKit from "./TasksKit.ts"
import { cases, missing, type TransportHarness } from "./TransportKit.ts"

/** Registers every case of `TransportKit` for `harness`. What does not apply there is reported by name, with the reason. */
export const runTransportKit = (harness: TransportHarness): void => {
  describe(`TransportKit: ${harness.name}`, () => {
    for (const testCase of cases) {
      const lacks = missing(testCase, harness)
      if (lacks.length > 0) {
        it(`not applicable, needs ${lacks.join(" and ")}: ${testCase.name}`, () => {
          for (const trait of lacks) assert.ok(!harness.traits.includes(trait))
        })
      } else {
        // handlers throw on purpose, which transports log
        const run = Effect.provideService(testCase.run(harness), References.MinimumLogLevel, "None")
        it.live(testCase.name, () => run, 60_000)
      }
    }
  })
}

/** Registers every case of `GatewayKit` for `harness` and each wire: both built-in ones unless others are given. */
export const runGatewayKit = (
  harness: GatewayKit.GatewayHarness,
  wires: ReadonlyArray<Wire> = [JsonWire, BinaryWire]
): void => {
  for (const wire of wires) {
    describe(`GatewayKit: ${harness.name}, ${wire.name} wire`, () => {
      for (const testCase of GatewayKit.cases) {
        const lacks = GatewayKit.missing(testCase, harness)
        if (lacks.length > 0) {
          it(`not applicable, needs ${lacks.join(" and ")}: ${testCase.name}`, () => {
            for (const trait of lacks) assert.ok(!harness.traits.includes(trait))
          })
        } else {
          // handlers die on purpose, which is logged
          const run = Effect.provideService(testCase.run(harness, wire), References.MinimumLogLevel, "None")
          it.live(testCase.name, () => Effect.scoped(run), 60_000)
        }
      }
    })
  }
}

/** Registers every case of `OrmKit` for `harness`, each on a database of its own. */
export const runOrmKit = (harness: OrmKit.OrmHarness): void => {
  describe(`OrmKit: ${harness.name}`, () => {
    for (const testCase of OrmKit.cases) {
      const lacks = OrmKit.missing(testCase, harness)
      if (lacks.length > 0) {
        it(`not applicable, needs ${lacks.join(" and ")}: ${testCase.name}`, () => {
          for (const trait of lacks) assert.ok(!harness.traits.includes(trait))
        })
      } else {
        const run = Effect.flatMap(harness.open(OrmKit.tables()), (database) =>
          Effect.provideService(testCase.run(database), Orm, database.orm)
        )
        // hooks die on purpose, which is logged
        it.live(
          testCase.name,
          () => Effect.scoped(Effect.provideService(run, References.MinimumLogLevel, "None")),
          60_000
        )
      }
    }
  })
}

/** Registers every case of `TasksKit` for `harness`, each on a clock of its own. */
export const runTasksKit = (harness: TasksKit.TasksHarness): void => {
  describe(`TasksKit: ${harness.name}`, () => {
    for (const testCase of TasksKit.cases) {
      const lacks = TasksKit.missing(testCase, harness)
      if (lacks.length > 0) {
        it(`not applicable, needs ${lacks.join(" and ")}: ${testCase.name}`, () => {
          for (const trait of lacks) assert.ok(!harness.traits.includes(trait))
        })
      } else {
        const run = Effect.scoped(testCase.run(harness)).pipe(
          // handlers die on purpose, which is logged
          Effect.provideService(References.MinimumLogLevel, "None"),
          Effect.provideService(TasksKit.Pace, harness.paceMillis ?? 0),
          Effect.provide(TestClock.layer())
        )
        it.live(testCase.name, () => run, 60_000)
      }
    }
  })
}
