import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import * as Journal from "../workspace/Journal.ts"
import { sha256 } from "../workspace/Plan.ts"

/** The directory has something in it already. Nothing was written. */
export class DirectoryNotEmpty extends Errors.make<DirectoryNotEmpty>()(
  "DirectoryNotEmpty",
  { component: "create-app", code: "CREATE_DIRECTORY_NOT_EMPTY", status: 409 },
  {
    directory: Schema.String,
    entries: Schema.Array(Schema.String),
    /** A run was killed here, and its files have been changed or mixed with others since. */
    interrupted: Schema.Boolean
  }
) {
  override get message() {
    const shown = this.entries.slice(0, 20).map((entry) => `  ${entry}`)
    if (this.entries.length > shown.length) shown.push(`  … and ${this.entries.length - shown.length} more`)
    const why = this.interrupted
      ? " An earlier creation was killed there, and other files have come since, so they are not removed."
      : ""
    return `${this.directory} is not empty.${why} In the way:\n${shown.join("\n")}\nChoose another directory, or remove these.`
  }
}

/** A path on the way to the directory is a file, or a link that leads nowhere. */
export class PathIsNoDirectory extends Errors.make<PathIsNoDirectory>()(
  "PathIsNoDirectory",
  { component: "create-app", code: "CREATE_PATH_IS_NO_DIRECTORY", status: 409 },
  {
    directory: Schema.String,
    at: Schema.String
  }
) {
  override get message() {
    const which = this.at === this.directory ? "" : `, a part of ${this.directory},`
    return `${this.at}${which} is not a directory. Choose another directory, or move what stands there.`
  }
}

/** The system does not let this user write there. */
export class DirectoryNotWritable extends Errors.make<DirectoryNotWritable>()(
  "DirectoryNotWritable",
  { component: "create-app", code: "CREATE_DIRECTORY_NOT_WRITABLE", status: 403 },
  {
    directory: Schema.String,
    at: Schema.String,
    reason: Schema.String
  }
) {
  override get message() {
    const where = this.at === this.directory ? this.directory : `${this.directory} (inside ${this.at})`
    return `Cannot write to ${where}: ${this.reason}. Choose another directory, or change its permissions.`
  }
}

/**
 * Checks that an app can be created in a directory: missing, or empty but for `.git`. Gives the files of an earlier run
 * that was killed there, when nothing else is in it.
 */
export const inspect = Effect.fnUntraced(function* (directory: string) {
  const fs = yield* FileSystem.FileSystem
  const existing = yield* nearestExisting(directory, directory)
  yield* fs.access(existing, { writable: true }).pipe(
    Effect.mapError(
      (error) =>
        new DirectoryNotWritable({
          directory,
          at: existing,
          reason: error.reason._tag === "PermissionDenied" ? "permission denied" : describe(error.reason)
        })
    )
  )
  if (existing !== directory) return undefined
  const entries = (yield* fs
    .readDirectory(directory)
    .pipe(
      Effect.mapError((error) => new DirectoryNotWritable({ directory, at: directory, reason: describe(error.reason) }))
    )).filter((entry) => entry !== ".git")
  if (entries.length === 0) return undefined
  const leftover = yield* leftoverOf(directory, entries)
  if (leftover === "foreign" || leftover === undefined) {
    return yield* new DirectoryNotEmpty({
      directory,
      entries: entries.sort(),
      interrupted: leftover === "foreign"
    })
  }
  return leftover
})

const describe = (reason: { readonly message: string; readonly cause?: unknown }): string =>
  reason.cause instanceof Error ? reason.cause.message : reason.message

/** The directory itself, or the nearest above it that exists. */
const nearestExisting: (
  path: string,
  directory: string
) => Effect.Effect<string, PathIsNoDirectory | DirectoryNotWritable, FileSystem.FileSystem> = Effect.fnUntraced(
  function* (path: string, directory: string) {
    const fs = yield* FileSystem.FileSystem
    const found = yield* fs.stat(path).pipe(
      Effect.map((info) => info.type as string),
      Effect.catchTag("PlatformError", (error) => {
        switch (error.reason._tag) {
          case "NotFound":
            return Effect.succeed("Missing")
          case "BadResource":
            // something above it is a file
            return Effect.succeed("Below")
          default:
            return Effect.fail(new DirectoryNotWritable({ directory, at: path, reason: describe(error.reason) }))
        }
      })
    )
    if (found === "Directory") return path
    if (found === "Missing") {
      // a link that leads nowhere is not missing
      const link = yield* Effect.option(fs.readLink(path))
      if (Option.isNone(link) && dirname(path) !== path) return yield* nearestExisting(dirname(path), directory)
    }
    if (found === "Below") return yield* nearestExisting(dirname(path), directory)
    return yield* new PathIsNoDirectory({ directory, at: path })
  }
)

/**
 * What a killed run left: its files when everything in the directory is its own, byte for byte; "foreign" when there is
 * a journal but other files as well; undefined when there is no sign of a run.
 */
const leftoverOf = Effect.fnUntraced(function* (directory: string, entries: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const journal = Option.flatMap(
    yield* Effect.option(fs.readFileString(join(directory, Journal.journalPath))),
    Journal.parse
  )
  // killed before the journal was whole: there is nothing but its folder
  if (Option.isNone(journal) && (entries.length > 1 || entries[0] !== dirname(Journal.journalPath))) return undefined
  const expected = new Map(
    Option.match(journal, { onNone: () => [], onSome: ({ files }) => files }).map(({ path, sha256 }) => [path, sha256])
  )
  const files: Array<string> = []
  const walk: (folder: string) => Effect.Effect<boolean, never, never> = Effect.fnUntraced(function* (folder: string) {
    const entries = yield* fs.readDirectoryEntries(join(directory, folder)).pipe(Effect.orElseSucceed(() => []))
    for (const entry of entries) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`
      if (path === ".git") continue
      if (entry.type === "Directory") {
        if (!(yield* walk(path))) return false
        continue
      }
      const ours =
        (path === Journal.journalPath && Option.isSome(journal)) ||
        Journal.isTemporary(path) ||
        (yield* fs.readFile(join(directory, path)).pipe(
          Effect.map((bytes) => sha256(bytes) === expected.get(path)),
          Effect.orElseSucceed(() => false)
        ))
      if (!ours) return false
      files.push(path)
    }
    return true
  })
  if (yield* walk("")) return { files }
  return Option.isSome(journal) ? ("foreign" as const) : undefined
})
