import { existsSync } from "node:fs"
import * as Path from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import type { TemplateManifest } from "./Template.ts"
import { contentOf, storedPath, type TemplateFile } from "./TemplateFile.ts"
import { decodeManifest, Manifest } from "./TemplateSchema.ts"

/** A template that can be chosen. */
export interface TemplateEntry {
  readonly manifest: TemplateManifest
  /** Version of the package that brought it, for the lock file. */
  readonly version: string
}

/** A template with its files; `package.json` among them holds ranges of the registry only. */
export interface LoadedTemplate extends TemplateEntry {
  readonly files: ReadonlyArray<TemplateFile>
}

/** A template is broken: its manifest, or a file that the manifest names. The message says what to mend. */
export class TemplateInvalid extends Errors.make<TemplateInvalid>()(
  "TemplateInvalid",
  { component: "create-app", code: "CREATE_TEMPLATE_INVALID", status: 500 },
  {
    template: Schema.String,
    reason: Schema.String
  }
) {
  override get message() {
    return `The template ${this.template} is broken: ${this.reason}`
  }
}

/** Where templates come from. */
export class Templates extends Context.Service<
  Templates,
  {
    readonly list: Effect.Effect<ReadonlyArray<TemplateEntry>, TemplateInvalid>
    /** Reads the files of a template that {@link list} gave. */
    readonly load: (entry: TemplateEntry) => Effect.Effect<LoadedTemplate, TemplateInvalid>
  }
>()("create-mortise/template/Templates") {}

/** What `scripts/build.ts` writes beside the packed templates. */
export const Index = Schema.Array(
  Schema.Struct({
    manifest: Manifest,
    version: Schema.String,
    files: Schema.Array(Schema.Struct({ path: Schema.String, executable: Schema.Boolean }))
  })
)

/** Templates packed into this package; `directory` has `index.json` and a folder for each. */
export const layerPacked = (directory: string): Layer.Layer<Templates, never, FileSystem.FileSystem> =>
  Layer.effect(
    Templates,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const damaged = (reason: unknown) =>
        new TemplateInvalid({ template: directory, reason: `${String(reason)}; install create-mortise again` })
      const index = yield* Effect.cached(
        fs.readFileString(Path.join(directory, "index.json")).pipe(
          Effect.flatMap((text) => Schema.decodeUnknownEffect(Schema.fromJsonString(Index))(text)),
          Effect.mapError(damaged)
        )
      )
      return Templates.of({
        list: Effect.map(index, (entries) =>
          entries.map(({ manifest, version }) => ({ manifest: manifest as TemplateManifest, version }))
        ),
        load: Effect.fnUntraced(function* (entry) {
          const found = (yield* index).find((each) => each.manifest.name === entry.manifest.name)
          const files = yield* Effect.forEach(found?.files ?? [], ({ executable, path }) =>
            fs.readFile(Path.join(directory, entry.manifest.name, storedPath(path))).pipe(
              Effect.map((bytes): TemplateFile => ({ path, content: contentOf(bytes), executable })),
              Effect.mapError(damaged)
            )
          )
          return { ...entry, files }
        })
      })
    })
  )

/** Templates as folders with a `template.ts`: the workspace's own, while working on Mortise. */
export const layerFolders = (folders: Effect.Effect<ReadonlyArray<string>>): Layer.Layer<Templates> =>
  Layer.effect(
    Templates,
    Effect.gen(function* () {
      const all = yield* Effect.cached(
        Effect.flatMap(
          folders,
          Effect.forEach((folder) => loadFolder(folder))
        )
      )
      return Templates.of({
        list: all,
        load: (entry) =>
          Effect.flatMap(all, (loaded) => {
            const found = loaded.find((each) => each.manifest.name === entry.manifest.name)
            return found === undefined
              ? Effect.fail(new TemplateInvalid({ template: entry.manifest.name, reason: "its folder is gone" }))
              : Effect.succeed(found)
          })
      })
    })
  )

/**
 * Loads a template from its folder. `template.ts` is imported, that is: run. The ranges of `package.json` are resolved
 * against the workspace that the folder belongs to.
 */
export const loadFolder = (folder: string): Effect.Effect<LoadedTemplate, TemplateInvalid> =>
  Effect.tryPromise({
    try: async () => {
      // loaded here only: an installed create-mortise reads packed templates
      const { readFolder } = await import("./TemplateFolder.ts")
      const { files, manifest, version } = await readFolder(folder)
      return { manifest: decodeManifest(manifest), version, files }
    },
    catch: (cause) =>
      new TemplateInvalid({ template: folder, reason: cause instanceof Error ? cause.message : String(cause) })
  })

/** The packed templates when this file runs from the package's bundle, else the workspace's `templates/`. */
export const layer: Layer.Layer<Templates, never, FileSystem.FileSystem> = Layer.unwrap(
  Effect.sync(() => {
    const packed = Path.join(import.meta.dirname, "..", "templates")
    if (existsSync(Path.join(packed, "index.json"))) return layerPacked(packed)
    return layerFolders(
      Effect.promise(async () => {
        const { templateFolders } = await import("./TemplateFolder.ts")
        return templateFolders(Path.join(import.meta.dirname, "..", "..", "..", "..", "templates"))
      })
    )
  })
)
