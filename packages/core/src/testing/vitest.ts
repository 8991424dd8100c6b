/** Runs the kits in vitest: the only module that imports it. */
import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import * as TestClock from "effect/testing/TestClock"
import type { Crypto } from "../crypto/Crypto.ts"
import type { GroupCrypto } from "../crypto/GroupCrypto.ts"
import * as SenderKeys from "../crypto/SenderKeys.ts"
import { Orm } from "../orm/Orm.ts"
import { BinaryWire } from "../transport/BinaryWire.ts"
import { JsonWire } from "../transport/JsonWire.ts"
import type { Wire } from "../transport/Wire.ts"
import * as AuthKit from "./AuthKit.ts"
import * as CryptoKit from "./CryptoKit.ts"
import * as EventBusKit from "./EventBusKit.ts"
import * as GatewayKit from "./GatewayKit.ts"
import * as GroupCryptoKit from "./GroupCryptoKit.ts"
import * as OrmKit from "./OrmKit.ts"
import * as SealedStreamKit from "./SealedStreamKit.ts"
import * as SecureSessionKit from "./SecureSessionKit.ts"
import * as TasksKit from "./TasksKit.ts"
import * as TransportKit from "./TransportKit.ts"

const CASE_MILLIS = 60_000

/** A kit whose cases need traits of what they are run on. */
interface Kit<Case, Harness> {
  readonly cases: ReadonlyArray<Case>
  /** The traits that a case needs and the harness has not. */
  readonly missing: (testCase: Case, harness: Harness) => ReadonlyArray<string>
}

/**
 * Registers every case. What does not apply is reported by name, with the reason. Things fail on purpose, which is logged:
 * not here.
 */
const register = <Case extends { readonly name: string }, Harness extends { readonly traits: ReadonlyArray<string> }>(
  title: string,
  kit: Kit<Case, Harness>,
  harness: Harness,
  run: (testCase: Case) => Effect.Effect<unknown, unknown>
): void => {
  describe(title, () => {
    for (const testCase of kit.cases) {
      const lacks = kit.missing(testCase, harness)
      if (lacks.length > 0) {
        it(`not applicable, needs ${lacks.join(" and ")}: ${testCase.name}`, () => {
          for (const trait of lacks) assert.ok(!harness.traits.includes(trait))
        })
      } else {
        const quiet = Effect.suspend(() => Effect.provideService(run(testCase), References.MinimumLogLevel, "None"))
        it.live(testCase.name, () => quiet, CASE_MILLIS)
      }
    }
  })
}

/** Registers every case of `TransportKit` for `harness`. */
export const runTransportKit = (harness: TransportKit.TransportHarness): void =>
  register(`TransportKit: ${harness.name}`, TransportKit, harness, (testCase) => Effect.scoped(testCase.run(harness)))

/** Registers every case of `GatewayKit` for `harness` and each wire: both built-in ones unless others are given. */
export const runGatewayKit = (
  harness: GatewayKit.GatewayHarness,
  wires: ReadonlyArray<Wire> = [JsonWire, BinaryWire]
): void => {
  for (const wire of wires) {
    register(`GatewayKit: ${harness.name}, ${wire.name} wire`, GatewayKit, harness, (testCase) =>
      Effect.scoped(testCase.run(harness, wire))
    )
  }
}

/** Registers every case of `EventBusKit` for `harness`. */
export const runEventBusKit = (harness: EventBusKit.EventBusHarness): void =>
  register(`EventBusKit: ${harness.name}`, EventBusKit, harness, (testCase) =>
    Effect.scoped(Effect.flatMap(harness.make, testCase.run))
  )

/** Registers every case of `OrmKit` for `harness`, each on a database of its own. */
export const runOrmKit = (harness: OrmKit.OrmHarness): void =>
  register(`OrmKit: ${harness.name}`, OrmKit, harness, (testCase) =>
    Effect.scoped(
      Effect.flatMap(harness.open(OrmKit.tables()), (database) =>
        Effect.provideService(testCase.run(database), Orm, database.orm)
      )
    )
  )

/** Registers every case of `AuthKit` for `harness`. */
export const runAuthKit = (harness: AuthKit.AuthHarness): void =>
  register(`AuthKit: ${harness.name}`, AuthKit, harness, (testCase) => Effect.scoped(testCase.run(harness)))

/** Registers every case of `TasksKit` for `harness`, each on a clock of its own. */
export const runTasksKit = (harness: TasksKit.TasksHarness): void =>
  register(`TasksKit: ${harness.name}`, TasksKit, harness, (testCase) =>
    Effect.scoped(testCase.run(harness)).pipe(
      Effect.provideService(TasksKit.Pace, harness.paceMillis ?? 0),
      Effect.provide(TestClock.layer())
    )
  )

/** Registers cases that need nothing but a layer. */
const registerOn = <R>(
  title: string,
  cases: ReadonlyArray<{ readonly name: string; readonly run: Effect.Effect<unknown, unknown, R> }>,
  layer: Layer.Layer<R>
): void => {
  describe(title, () => {
    for (const { name, run } of cases) it.live(name, () => Effect.provide(run, layer), CASE_MILLIS)
  })
}

/** Registers every case of `CryptoKit` for a layer of `Crypto`, and those of Wycheproof's parsed files. */
export const runCryptoKit = (
  name: string,
  layer: Layer.Layer<Crypto>,
  files: { readonly [K in CryptoKit.WycheproofName]: CryptoKit.WycheproofFile }
): void => {
  registerOn(`CryptoKit: ${name}`, CryptoKit.cases, layer)
  for (const file of CryptoKit.wycheproofFiles) {
    registerOn(`CryptoKit: ${name}, ${file}`, CryptoKit.wycheproof(file, files[file]), layer)
  }
}

/** Registers every case of `GroupCryptoKit` for an implementation of `GroupCrypto`. */
export const runGroupCryptoKit = (name: string, layer: Layer.Layer<GroupCrypto | Crypto>): void =>
  registerOn(`GroupCryptoKit: ${name}`, GroupCryptoKit.cases, layer)

/** Registers every case of `SecureSessionKit`, and of the kits of sealed streams and of groups with sender keys. */
export const runProtocolKits = (name: string, layer: Layer.Layer<Crypto>): void => {
  registerOn(`SecureSessionKit: ${name}`, SecureSessionKit.cases, layer)
  registerOn(`SealedStreamKit: ${name}`, SealedStreamKit.cases, layer)
  runGroupCryptoKit(`sender keys on ${name}`, Layer.provideMerge(SenderKeys.layer(), layer))
}
