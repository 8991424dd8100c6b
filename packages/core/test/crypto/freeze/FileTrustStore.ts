/**
 * A throw-away `TrustStore` over one JSON file: nothing in memory, so every answer is read, decoded and, if it changes,
 * written anew. It stands for stores that are slow, that fail, and that keep text.
 */
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import { TrustRecord, TrustStore, TrustStoreError } from "../../../src/crypto/TrustStore.ts"

const Records = Schema.fromJsonString(Schema.Record(Schema.String, TrustRecord))
const sameRecord = Schema.toEquivalence(TrustRecord)

const unavailable = (cause: unknown) =>
  new TrustStoreError({ reason: "unavailable", message: "The file of trusted peers cannot be used.", cause })

export const layerFile: Layer.Layer<TrustStore> = Layer.effect(
  TrustStore,
  Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.promise(() => mkdtemp(path.join(os.tmpdir(), "trust-"))),
      (folder) => Effect.promise(() => rm(folder, { recursive: true }))
    )
    const file = path.join(folder, "trust.json")
    yield* Effect.promise(() => writeFile(file, "{}"))
    const one = yield* Semaphore.make(1)
    const attempt = <A>(run: () => Promise<A>) => Effect.tryPromise({ try: run, catch: unavailable })
    const load = attempt(() => readFile(file, "utf8")).pipe(
      Effect.flatMap(Schema.decodeUnknownEffect(Records)),
      Effect.mapError(unavailable)
    )
    const store = Effect.fnUntraced(function* (records: typeof Records.Type) {
      const json = yield* Effect.mapError(Schema.encodeEffect(Records)(records), unavailable)
      yield* attempt(() => writeFile(`${file}.new`, json))
      yield* attempt(() => rename(`${file}.new`, file))
    })
    return {
      find: (peer) => Effect.map(load, (records) => records[peer]),
      remember: (peer, record) =>
        Effect.gen(function* () {
          const records = yield* load
          const known = records[peer]
          if (known !== undefined) return known
          yield* store({ ...records, [peer]: record })
          return record
        }).pipe(one.withPermits(1)),
      replace: (peer, expected, next) =>
        Effect.gen(function* () {
          const records = yield* load
          const known = records[peer]
          if (known === undefined || !sameRecord(known, expected)) return false
          yield* store({ ...records, [peer]: next })
          return true
        }).pipe(one.withPermits(1))
    }
  })
)
