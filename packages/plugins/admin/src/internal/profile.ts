/** Profiles this process for its owner, into a file as Chrome's developer tools open it. */
import { writeSync } from "node:fs"
import { type FileHandle, open, unlink } from "node:fs/promises"
import type { Session } from "node:inspector/promises"
import path from "node:path"
import * as Log from "@mortise/core/app/Log"
import * as Effect from "effect/Effect"
import type { Profile } from "../AdminContract.ts"
import { AdminProfileRefused } from "../AdminError.ts"

/** Bytes of allocation between two samples, on average: V8's own choice. */
const ALLOCATION_INTERVAL_BYTES = 32_768

const refused = (reason: AdminProfileRefused["reason"], message: string) => new AdminProfileRefused({ reason, message })
const failed = (cause: unknown) => refused("failed", `The profile was not written: ${(cause as Error).message}`)

/** The profiler is the process's: a second one would show the first. */
let busy = false
const claim = Effect.suspend(() => {
  if (busy)
    return Effect.fail(refused("busy", "A profile is being taken already: wait until it is written, or stop it."))
  busy = true
  return Effect.void
})
const release = Effect.sync(() => {
  busy = false
})

/** `wx`: what is there stays as it is, and a link is not followed. */
const create = (file: string): Effect.Effect<FileHandle, AdminProfileRefused> => {
  if (!path.isAbsolute(file)) return Effect.fail(refused("file", `${file} is no absolute path.`))
  return Effect.tryPromise({
    try: () => open(file, "wx", 0o600),
    catch: (cause) => {
      const { code, message } = cause as NodeJS.ErrnoException
      if (code === "EEXIST") return refused("file", `${file} is there already: name another file with --out.`)
      if (code === "ENOENT") return refused("file", `The folder ${path.dirname(file)} does not exist: make it first.`)
      return refused("file", `The app cannot make ${file}: ${message}.`)
    }
  })
}

const post = <A>(ask: () => Promise<A>) => Effect.tryPromise({ try: ask, catch: failed })

/** While nobody is connected, the profiler costs nothing. */
const session = Effect.acquireRelease(
  Effect.promise(async () => {
    const { Session } = await import("node:inspector/promises")
    const made = new Session()
    made.connect()
    return made
  }),
  (made) => Effect.sync(() => made.disconnect())
)

const cpu = Effect.fnUntraced(function* (session: Session, seconds: number) {
  yield* post(() => session.post("Profiler.enable"))
  yield* post(() => session.post("Profiler.start"))
  yield* Effect.sleep(seconds * 1000)
  return (yield* post(() => session.post("Profiler.stop"))).profile
})

/** Of all that was allocated, also what is collected by now: what keeps the collector busy is what is looked for. */
const allocations = Effect.fnUntraced(function* (session: Session, seconds: number) {
  const all = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true }
  yield* post(() => session.post("HeapProfiler.startSampling", { samplingInterval: ALLOCATION_INTERVAL_BYTES, ...all }))
  yield* Effect.sleep(seconds * 1000)
  return (yield* post(() => session.post("HeapProfiler.stopSampling"))).profile
})

/** Written piece by piece while V8 walks the heap: as a whole it would not fit into a string, nor into memory. */
const snapshot = (session: Session, { fd }: FileHandle) =>
  post(async () => {
    let problem: unknown
    session.on("HeapProfiler.addHeapSnapshotChunk", ({ params: { chunk } }) => {
      if (problem !== undefined) return
      try {
        for (let rest = Buffer.from(chunk); rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest))
      } catch (cause) {
        problem = cause
      }
    })
    await session.post("HeapProfiler.takeHeapSnapshot", { reportProgress: false })
    if (problem !== undefined) throw problem
  })

const take = Effect.fnUntraced(function* (handle: FileHandle, { kind, seconds }: Profile) {
  const made = yield* session
  if (kind === "heap") yield* snapshot(made, handle)
  else {
    const profile: object = yield* kind === "cpu" ? cpu(made, seconds) : allocations(made, seconds)
    yield* Effect.uninterruptible(post(() => handle.writeFile(JSON.stringify(profile))))
  }
  return (yield* post(() => handle.stat())).size
}, Effect.scoped)

/** Takes a profile; gives its size in bytes. Interrupted or failed, it leaves no file. */
export const profile = (wanted: Profile): Effect.Effect<{ readonly bytes: number }, AdminProfileRefused> =>
  Effect.acquireUseRelease(
    claim,
    () =>
      Effect.acquireUseRelease(
        create(wanted.path),
        (handle) => take(handle, wanted),
        (handle, exit) =>
          Effect.promise(async () => {
            if (exit._tag === "Success") return handle.close()
            // where somebody has removed it, that is what was to be done
            await Promise.allSettled([handle.close(), unlink(wanted.path)])
          })
      ),
    () => release
  ).pipe(
    Effect.tap((bytes) =>
      Log.write("operation", "Info", "profile written", { kind: wanted.kind, path: wanted.path, bytes })
    ),
    Effect.map((bytes) => ({ bytes }))
  )
