import { randomBytes } from "node:crypto"
import { rmdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { Journal, journalPath, print, temporaryName } from "./Journal.ts"
import { type Change, type Plan, sha256 } from "./Plan.ts"

/** A file is not as it was when the plan was made: something else wrote it, or the plan has been applied already. */
export class PlanStale extends Errors.make<PlanStale>()(
  "PlanStale",
  { component: "create-app", code: "WORKSPACE_PLAN_STALE", status: 409, retryable: true },
  { path: Schema.String }
) {
  override get message() {
    return `${this.path} has changed since the plan was made. Nothing of the plan is on the disk; run the command again.`
  }
}

/** The disk refused a write. */
export class ApplyFailed extends Errors.make<ApplyFailed>()(
  "ApplyFailed",
  { component: "create-app", code: "WORKSPACE_APPLY_FAILED", status: 500 },
  {
    path: Schema.String,
    reason: Schema.String,
    /** Files of this run that could not be removed again. */
    left: Schema.Array(Schema.String)
  }
) {
  override get message() {
    const after =
      this.left.length === 0
        ? "What was made has been removed again."
        : `Remove by hand what is left:\n${this.left.map((path) => `  ${path}`).join("\n")}`
    return `Cannot write ${this.path}: ${this.reason}. ${after}`
  }
}

/** What a run has made so far, in order: what has to go when it fails. */
interface Made {
  readonly files: Array<string>
  readonly directories: Array<string>
}

/**
 * Writes a plan of new files to the disk. Each file is written beside its place, flushed and renamed, so that none is
 * ever half there; a journal tells of the run while it lasts. A failure or an interruption removes everything that this
 * run made, directories included, and nothing else; after a kill the journal is left, and the next run takes it up.
 */
export const apply = Effect.fnUntraced(function* (plan: Plan) {
  const fs = yield* FileSystem.FileSystem
  const made: Made = { files: [], directories: [] }
  const random = randomBytes(6).toString("hex")

  const makeDirectory: (path: string) => Effect.Effect<void, PlatformError> = Effect.fnUntraced(function* (
    path: string
  ) {
    if (yield* fs.exists(path)) return
    if (dirname(path) !== path) yield* makeDirectory(dirname(path))
    yield* fs.makeDirectory(path)
    made.directories.push(path)
  })
  const write = Effect.fnUntraced(function* (path: string, bytes: Uint8Array, mode: number) {
    const target = join(plan.root, path)
    const temporary = join(dirname(target), temporaryName(path, random))
    yield* makeDirectory(dirname(target))
    made.files.push(temporary)
    yield* Effect.scoped(
      Effect.gen(function* () {
        const file = yield* fs.open(temporary, { flag: "wx", mode })
        yield* file.writeAll(bytes)
        yield* file.sync
      })
    )
    yield* fs.rename(temporary, target)
    made.files[made.files.length - 1] = target
  }, Effect.uninterruptible)

  const failed = (path: string) => (error: PlatformError) =>
    new ApplyFailed({
      path: join(plan.root, path),
      reason: error.reason.cause instanceof Error ? error.reason.cause.message : error.message,
      left: []
    })
  const writeAll = Effect.gen(function* () {
    for (const change of plan.changes) {
      if (!(yield* isCurrent(fs, plan.root, change)))
        return yield* new PlanStale({ path: join(plan.root, change.path) })
    }
    yield* write(journalPath, Buffer.from(print(journalOf(plan))), 0o644).pipe(Effect.mapError(failed(journalPath)))
    for (const change of plan.changes) {
      yield* write(change.path, change.bytes, change.executable ? 0o755 : 0o644).pipe(
        Effect.mapError(failed(change.path))
      )
    }
    yield* fs.remove(join(plan.root, journalPath)).pipe(Effect.mapError(failed(journalPath)))
  })
  const left: Array<string> = []
  yield* writeAll.pipe(
    Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : removeMade(fs, made, left))),
    Effect.mapError((error) =>
      error._tag === "ApplyFailed" ? new ApplyFailed({ path: error.path, reason: error.reason, left }) : error
    )
  )
})

const journalOf = (plan: Plan): Journal =>
  new Journal({
    schema: 1,
    owner: plan.owner,
    files: plan.changes.map((change) => ({ path: change.path, sha256: change.sha256 }))
  })

const isCurrent = (fs: FileSystem.FileSystem, root: string, change: Change): Effect.Effect<boolean> =>
  Effect.option(fs.readFile(join(root, change.path))).pipe(
    Effect.map((bytes) => (Option.isSome(bytes) ? sha256(bytes.value) : null) === change.before)
  )

/** Removes what a run made: its files, then the directories it made as far as they are empty. */
const removeMade = Effect.fnUntraced(function* (fs: FileSystem.FileSystem, made: Made, left: Array<string>) {
  for (const path of made.files.reverse()) {
    yield* fs.remove(path, { force: true }).pipe(Effect.catch(() => Effect.sync(() => left.push(path))))
  }
  // not recursive: a directory in which something else has appeared stays
  for (const path of made.directories.reverse()) yield* removeIfEmpty(path)
})

/** Removes files that a killed run left, and the directories that they leave empty. */
export const removeLeftover = Effect.fnUntraced(function* (root: string, files: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  // the journal goes last: as long as it stands, the rest can be told from the user's files
  const ordered = [...files].sort((a, b) => Number(a === journalPath) - Number(b === journalPath))
  const directories = new Set<string>()
  for (const path of ordered) {
    yield* fs.remove(join(root, path), { force: true })
    for (let above = dirname(path); above !== "."; above = dirname(above)) directories.add(above)
  }
  for (const path of [...directories].sort((a, b) => b.length - a.length)) yield* removeIfEmpty(join(root, path))
})

/** Removes a directory unless something is in it. */
export const removeIfEmpty = (directory: string): Effect.Effect<void> =>
  Effect.ignore(Effect.tryPromise(() => rmdir(directory)))
