import * as Effect from "effect/Effect"
import { version } from "../Version.ts"
import * as Lock from "../workspace/Lock.ts"
import { Workspace } from "../workspace/Workspace.ts"
import { envFile } from "./App.ts"
import type { PartChange } from "./parts.ts"
import type { Made, Wish } from "./Wish.ts"

/** Records who is in the app now, and what the generator's own files hold; a record of nothing is no file. */
export const writeLock = Effect.fnUntraced(function* (
  wish: Wish,
  plugins: ReadonlyArray<Lock.AddedPlugin>,
  made: Made,
  parts: PartChange
) {
  const workspace = yield* Workspace
  const { app } = wish
  const { lock } = app
  if (lock?.template === undefined && plugins.length === 0) return yield* workspace.remove(Lock.lockPath)

  const changed = new Map((yield* workspace.plan).changes.map((change) => [change.path, change]))
  const files = (lock?.files ?? []).flatMap((file) => {
    const change = changed.get(file.path)
    changed.delete(file.path)
    // one that never reached the disk is no change
    const isTaken = parts.before?.files.has(file.path) === true && parts.after?.files.has(file.path) === false
    if (isTaken && change?.kind !== "update") return []
    if (change === undefined) return [file]
    if (change.kind === "delete") return []
    // an edit of a file that somebody has changed does not make it the generator's again
    const isOurs = change.before === null || change.before === file.sha256
    return [isOurs ? new Lock.GeneratedFile({ ...file, sha256: change.sha256 }) : file]
  })
  const come = [...changed.values()].filter(
    ({ kind, path }) => kind === "create" && (parts.after?.files.has(path) === true || path === envFile)
  )
  const owner =
    lock?.template === undefined ? `create-mortise@${version}` : `${lock.template.name}@${lock.template.version}`
  const next = new Lock.Lock({
    schema: 1,
    generator: lock?.generator ?? version,
    ...(lock?.template === undefined ? {} : { template: lock.template }),
    name: lock?.name ?? app.name,
    answers: lock?.answers ?? {},
    files: [...files, ...Lock.filesOf(come, owner)].sort((a, b) => (a.path < b.path ? -1 : 1)),
    ...(plugins.length === 0 ? {} : { plugins }),
    ...(made.size === 0 ? {} : { made: [...made].sort() })
  })
  yield* workspace.write(Lock.lockPath, Lock.print(next))
})
