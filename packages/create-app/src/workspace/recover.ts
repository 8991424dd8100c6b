import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { removeIfEmpty } from "./Apply.ts"
import { CommitFailed, destination, WorkspaceBusy } from "./Commit.ts"
import * as EditJournal from "./EditJournal.ts"
import { isTemporary, journalPath } from "./Journal.ts"
import { sha256 } from "./Plan.ts"
import { isInside } from "./Workspace.ts"

/** A run was killed while it changed files, and somebody has changed one of them since. */
export class RecoveryConflict extends Errors.make<RecoveryConflict>()(
  "RecoveryConflict",
  { component: "create-app", code: "WORKSPACE_RECOVERY_CONFLICT", status: 409 },
  {
    path: Schema.String,
    /** Where the content lies that was to be written; null when the file was to be removed. */
    temporary: Schema.NullOr(Schema.String)
  }
) {
  override get message() {
    const wanted = this.temporary === null ? "it was to be removed" : `what was to be written is in ${this.temporary}`
    return `An earlier run was killed while it wrote, and ${this.path} has been changed since (${wanted}). Bring it in order, remove ${journalPath}, and run the command again.`
  }
}

/** What became of a run that was killed. */
export type Recovered = "nothing" | "completed" | "reverted"

const isAlive = (pid: number): boolean => {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as { readonly code?: unknown }).code === "EPERM"
  }
}

/** Finishes or takes back what a killed run left in an app, by its journal. */
export const recover = Effect.fnUntraced(function* (root: string) {
  const fs = yield* FileSystem.FileSystem
  const journal = join(root, journalPath)
  const text = yield* Effect.option(fs.readFileString(journal))
  if (Option.isNone(text)) return "nothing" as Recovered
  const found = Option.getOrUndefined(EditJournal.parse(text.value))
  if (found !== undefined && isAlive(found.pid)) return yield* new WorkspaceBusy({ root, pid: found.pid })
  const digest = (path: string) =>
    Effect.map(Effect.option(fs.readFile(path)), (bytes) => (Option.isSome(bytes) ? sha256(bytes.value) : null))
  // a journal is a file like any other: it may have been written by somebody else
  const files = (found?.files ?? []).filter(({ path, temporary }) => isInside(path) && isOurs(temporary))
  const complete = found?.phase === "commit"

  const finish = Effect.gen(function* () {
    for (const { after, before, path, temporary } of files) {
      const target = yield* destination(root, path)
      const waiting = temporary === null ? undefined : join(root, temporary)
      if (complete && (yield* digest(target)) !== after) {
        const isUntouched = (yield* digest(target)) === before
        const isThere = waiting === undefined || (yield* digest(waiting)) === after
        if (!isUntouched || !isThere) return yield* new RecoveryConflict({ path, temporary })
        yield* waiting === undefined ? fs.remove(target) : fs.rename(waiting, target)
      }
      if (waiting !== undefined) yield* fs.remove(waiting, { force: true })
    }
    for (const entry of yield* fs.readDirectory(dirname(journal))) {
      if (isTemporary(entry)) yield* fs.remove(join(dirname(journal), entry), { force: true })
    }
    yield* fs.remove(journal)
    const folders = files.map(({ path }) => dirname(join(root, path)))
    for (const folder of new Set([...folders, dirname(journal)])) if (folder !== root) yield* removeIfEmpty(folder)
  })
  yield* finish.pipe(
    Effect.catchTag("PlatformError", (error) =>
      Effect.fail(new CommitFailed({ path: root, reason: error.message, left: files.map(({ path }) => path) }))
    )
  )
  return (complete ? "completed" : "reverted") as Recovered
})

/** Whether a temporary file is one that this tool makes. */
const isOurs = (temporary: string | null): boolean =>
  temporary === null || (isInside(temporary) && isTemporary(temporary))
