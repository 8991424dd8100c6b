import { randomBytes } from "node:crypto"
import { realpath } from "node:fs/promises"
import { dirname, join, relative, sep } from "node:path"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { PlanStale, removeIfEmpty } from "./Apply.ts"
import { EditJournal, print } from "./EditJournal.ts"
import { journalPath, temporaryName } from "./Journal.ts"
import { type Change, type Plan, sha256 } from "./Plan.ts"
import { PathOutside } from "./Workspace.ts"

/** The disk refused a change of an app. */
export class CommitFailed extends Errors.make<CommitFailed>()(
  "CommitFailed",
  { component: "create-app", code: "WORKSPACE_COMMIT_FAILED", status: 500 },
  {
    path: Schema.String,
    reason: Schema.String,
    /** Files that could not be put back; the journal stays, and the next run finishes what was begun. */
    left: Schema.Array(Schema.String)
  }
) {
  override get message() {
    const after =
      this.left.length === 0
        ? "Everything is as it was before."
        : `These could not be put back, and the next run will finish them:\n${this.left.map((path) => `  ${path}`).join("\n")}`
    return `Cannot write ${this.path}: ${this.reason}. ${after}`
  }
}

/** Another run is writing in this app. */
export class WorkspaceBusy extends Errors.make<WorkspaceBusy>()(
  "WorkspaceBusy",
  { component: "create-app", code: "WORKSPACE_BUSY", status: 409, retryable: true },
  {
    root: Schema.String,
    pid: Schema.Int
  }
) {
  override get message() {
    return `Another run (process ${this.pid}) is writing in ${this.root}. Wait for it; if it is none of mortise, remove ${journalPath}.`
  }
}

const reasonOf = (error: PlatformError): string =>
  error.reason._tag === "PermissionDenied"
    ? "permission denied"
    : error.reason.cause instanceof Error
      ? error.reason.cause.message
      : error.message

const digest = (fs: FileSystem.FileSystem, path: string): Effect.Effect<string | null> =>
  Effect.map(Effect.option(fs.readFile(path)), (bytes) => (Option.isSome(bytes) ? sha256(bytes.value) : null))

/** Where a file really lies, links followed; a link that leads out of the app is refused. */
export const destination = Effect.fnUntraced(function* (root: string, path: string) {
  const resolve = async (at: string): Promise<string> => {
    try {
      return await realpath(at)
    } catch {
      return dirname(at) === at ? at : join(await resolve(dirname(at)), at.slice(dirname(at).length))
    }
  }
  const [base, target] = yield* Effect.promise(() => Promise.all([resolve(root), resolve(join(root, path))]))
  return target.startsWith(base + sep) ? target : yield* new PathOutside({ path })
})

/** A change with the place and the old content that it needs to be taken back. */
interface Prepared {
  readonly change: Change
  readonly target: string
  readonly temporary: string | undefined
  readonly before: Uint8Array | undefined
  readonly mode: number
}

/**
 * Writes a plan into an app that is there: all of it or nothing. New contents are written beside their places and flushed
 * first, then the journal says that they are complete, then they are renamed. A failure puts back what was; after a kill
 * {@link file://./recover.ts recover} finishes what the journal calls complete and takes back the rest.
 */
export const commit = Effect.fnUntraced(function* (plan: Plan) {
  const fs = yield* FileSystem.FileSystem
  if (plan.changes.length === 0) return
  const random = randomBytes(6).toString("hex")
  const journal = join(plan.root, journalPath)
  const base = yield* Effect.promise(() => realpath(plan.root))
  const made: Array<string> = []
  const temporaries: Array<string> = []
  const failed = (path: string) => (error: PlatformError) =>
    new CommitFailed({ path: join(plan.root, path), reason: reasonOf(error), left: [] })

  const makeDirectory: (path: string) => Effect.Effect<void, PlatformError> = Effect.fnUntraced(function* (
    path: string
  ) {
    if (yield* fs.exists(path)) return
    if (dirname(path) !== path) yield* makeDirectory(dirname(path))
    yield* fs.makeDirectory(path)
    made.push(path)
  })
  const write = (path: string, bytes: Uint8Array, mode: number, flag: "wx" | "w") =>
    Effect.scoped(
      Effect.gen(function* () {
        const file = yield* fs.open(path, { flag, mode })
        yield* file.writeAll(bytes)
        yield* file.sync
      })
    )

  const prepare = Effect.fnUntraced(function* (change: Change) {
    const target = yield* destination(plan.root, change.path)
    const before = yield* Effect.option(fs.readFile(target))
    const known = Option.isSome(before) ? sha256(before.value) : null
    if (known !== change.before) return yield* new PlanStale({ path: join(plan.root, change.path) })
    const temporary = change.removed === true ? undefined : join(dirname(target), temporaryName(target, random))
    const mode = Option.isSome(before)
      ? yield* fs.stat(target).pipe(
          Effect.map((info) => info.mode & 0o777),
          Effect.mapError(failed(change.path))
        )
      : change.executable
        ? 0o755
        : 0o644
    const prepared: Prepared = { change, target, temporary, before: Option.getOrUndefined(before), mode }
    return prepared
  })
  const journalOf = (files: ReadonlyArray<Prepared>, phase: "prepare" | "commit"): Uint8Array =>
    Buffer.from(
      print(
        new EditJournal({
          schema: 2,
          owner: plan.owner,
          pid: process.pid,
          phase,
          files: files.map(({ change, temporary }) => ({
            path: change.path,
            before: change.before,
            after: change.removed === true ? null : change.sha256,
            temporary: temporary === undefined ? null : slashes(relative(base, temporary))
          }))
        })
      )
    )

  const files = yield* Effect.forEach(plan.changes, prepare)
  const done: Array<Prepared> = []
  const left: Array<string> = []

  let begun = false
  const begin = Effect.gen(function* () {
    yield* makeDirectory(dirname(journal))
    begun = !(yield* fs.exists(journal))
    yield* write(journal, journalOf(files, "prepare"), 0o644, "wx")
  }).pipe(Effect.mapError(failed(journalPath)))

  const stage = Effect.forEach(
    files,
    ({ change, mode, target, temporary }) =>
      temporary === undefined
        ? Effect.void
        : Effect.gen(function* () {
            yield* makeDirectory(dirname(target))
            temporaries.push(temporary)
            yield* write(temporary, change.bytes, mode, "wx")
          }).pipe(Effect.mapError(failed(change.path))),
    { discard: true }
  )

  const rename = Effect.gen(function* () {
    const next = join(dirname(journal), temporaryName(journal, random))
    temporaries.push(next)
    yield* write(next, journalOf(files, "commit"), 0o644, "wx").pipe(Effect.mapError(failed(journalPath)))
    yield* fs.rename(next, journal).pipe(Effect.mapError(failed(journalPath)))
    for (const file of files) {
      const { change, target, temporary } = file
      if ((yield* digest(fs, target)) !== change.before)
        return yield* new PlanStale({ path: join(plan.root, change.path) })
      const step = temporary === undefined ? fs.remove(target) : fs.rename(temporary, target)
      yield* step.pipe(Effect.mapError(failed(change.path)))
      done.push(file)
    }
    yield* fs.remove(journal).pipe(Effect.mapError(failed(journalPath)))
  })

  /** Puts back what was changed, and removes everything that this run made. */
  const undo = Effect.gen(function* () {
    for (const { before, change, mode, target } of done.reverse()) {
      const back =
        before === undefined
          ? fs.remove(target)
          : write(`${target}.${random}`, before, mode, "w").pipe(
              Effect.andThen(fs.rename(`${target}.${random}`, target))
            )
      yield* back.pipe(Effect.catch(() => Effect.sync(() => left.push(change.path))))
    }
    if (left.length > 0) return
    for (const path of temporaries) yield* Effect.ignore(fs.remove(path, { force: true }))
    // one that was there already is another run's
    if (begun) yield* Effect.ignore(fs.remove(journal, { force: true }))
    for (const path of made.reverse()) yield* removeIfEmpty(path)
  })

  yield* begin.pipe(
    Effect.andThen(stage),
    // once the first file is renamed, the rest follows
    Effect.andThen(Effect.uninterruptible(rename)),
    Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : undo)),
    Effect.mapError((error) =>
      error._tag === "CommitFailed" ? new CommitFailed({ path: error.path, reason: error.reason, left }) : error
    )
  )
  // a folder that is empty now has gone with its last file
  const folders = files.filter(({ change }) => change.removed === true).map(({ target }) => dirname(target))
  for (const folder of [...folders, join(base, dirname(journalPath))]) yield* removeEmpty(base, folder)
})

const slashes = (path: string): string => path.split(sep).join("/")

/** Removes a folder that is empty, and those above it that are empty then, but never the app's own. */
const removeEmpty = Effect.fnUntraced(function* (root: string, folder: string) {
  for (let at = folder; at.startsWith(root + sep); at = dirname(at)) yield* removeIfEmpty(at)
})
