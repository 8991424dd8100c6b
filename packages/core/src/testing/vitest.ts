/** Runs the kits in vitest: the only module that imports it. */
import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as References from "effect/References"
import type { Crypto } from "../crypto/Crypto.ts"
import { BinaryWire } from "../transport/BinaryWire.ts"
import { JsonWire } from "../transport/JsonWire.ts"
import type { Wire } from "../transport/Wire.ts"
import * as CryptoKit from "./CryptoKit.ts"
import * as EventBusKit from "./EventBusKit.ts"
import * as GatewayKit from "./GatewayKit.ts"
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

/** Registers every case of `CryptoKit` for a layer of `Crypto`, and those of Wycheproof's parsed files. */
export const runCryptoKit = (
  name: string,
  layer: Layer.Layer<Crypto>,
  files: { readonly [K in CryptoKit.WycheproofName]: CryptoKit.WycheproofFile }
): void => {
  const run = (cases: ReadonlyArray<CryptoKit.CryptoCase>) => {
    for (const { name, run } of cases) it.live(name, () => Effect.provide(run, layer), 60_000)
  }
  describe(`CryptoKit: ${name}`, () => run(CryptoKit.cases))
  for (const file of CryptoKit.wycheproofFiles) {
    describe(`CryptoKit: ${name}, ${file}`, () => run(CryptoKit.wycheproof(file, files[file])))
  }
}

/** Registers every case of `EventBusKit` for `harness`. */
export const runEventBusKit = (harness: EventBusKit.EventBusHarness): void => {
  describe(`EventBusKit: ${harness.name}`, () => {
    for (const testCase of EventBusKit.cases) {
      const lacks = EventBusKit.missing(testCase, harness)
      if (lacks.length > 0) {
        it(`not applicable, needs ${lacks.join(" and ")}: ${testCase.name}`, () => {
          for (const trait of lacks) assert.ok(!harness.traits.includes(trait))
        })
      } else {
        // handlers fail on purpose, which is logged
        const run = Effect.provideService(
          Effect.flatMap(harness.make, testCase.run),
          References.MinimumLogLevel,
          "None"
        )
        it.live(testCase.name, () => Effect.scoped(run), 60_000)
      }
    }
  })
}
