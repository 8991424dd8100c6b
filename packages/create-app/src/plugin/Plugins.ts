import { existsSync } from "node:fs"
import * as Path from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { KnownPlugin } from "./KnownPlugin.ts"
import { PluginManifestInvalid } from "./PluginManifest.ts"

/** The plugins of Mortise itself, known without asking a registry. */
export class Plugins extends Context.Service<
  Plugins,
  { readonly list: Effect.Effect<ReadonlyArray<KnownPlugin>, PluginManifestInvalid> }
>()("create-mortise/plugin/Plugins") {}

const invalid = (name: string) => (cause: unknown) =>
  new PluginManifestInvalid({ package: name, reason: cause instanceof Error ? cause.message : String(cause) })

/** What `scripts/build.ts` writes. */
export const Index = Schema.Array(KnownPlugin)

/** The plugins packed into this package. */
export const layerPacked = (index: string): Layer.Layer<Plugins, never, FileSystem.FileSystem> =>
  Layer.effect(
    Plugins,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const list = fs.readFileString(index).pipe(
        Effect.flatMap((text) => Schema.decodeUnknownEffect(Schema.fromJsonString(Index))(text)),
        Effect.mapError(invalid("create-mortise"))
      )
      return Plugins.of({ list: yield* Effect.cached(list) })
    })
  )

/** The plugins of the packages of a workspace, while working on Mortise. */
export const layerWorkspace = (root: string): Layer.Layer<Plugins> =>
  Layer.effect(
    Plugins,
    Effect.gen(function* () {
      const list = Effect.tryPromise({
        try: async () => (await import("./collect.ts")).collect(root),
        catch: invalid(root)
      })
      return Plugins.of({ list: yield* Effect.cached(list) })
    })
  )

/** The packed plugins when this file runs from the package's bundle, else the workspace's packages. */
export const layer: Layer.Layer<Plugins, never, FileSystem.FileSystem> = Layer.unwrap(
  Effect.sync(() => {
    const packed = Path.join(import.meta.dirname, "..", "plugins.json")
    return existsSync(packed)
      ? layerPacked(packed)
      : layerWorkspace(Path.join(import.meta.dirname, "..", "..", "..", ".."))
  })
)
