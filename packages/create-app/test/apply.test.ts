import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as PlatformError from "effect/PlatformError"
import { inspect } from "../src/project/Directory.ts"
import { apply, removeLeftover } from "../src/workspace/Apply.ts"
import { journalPath } from "../src/workspace/Journal.ts"
import { Change, Plan } from "../src/workspace/Plan.ts"
import { faulty } from "./faulty.ts"
import { temporaryFolder } from "./fixture.ts"

const files: Readonly<Record<string, string>> = {
  "README.md": "read me\n",
  "bin/run.sh": "#!/bin/sh\n",
  "src/app.ts": "export const app = 1\n",
  "src/deep/er/file.txt": "ü\n",
  ".mortise/lock.json": "{}\n"
}
const planAt = (root: string): Plan =>
  new Plan({
    root,
    owner: "tiny@1",
    changes: Object.entries(files).map(
      ([path, content]) =>
        new Change({ path, before: null, content, encoding: "utf8", executable: path.endsWith(".sh") })
    )
  })

/** Every file below a folder, with its text. */
const tree = (folder: string): Record<string, string> => {
  const found: Record<string, string> = {}
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) found[path.slice(folder.length + 1)] = readFileSync(path, "utf8")
  }
  return found
}

/** More than the operations of the plan, so that the last run meets no fault. */
const everyOperation = Array.from({ length: 30 }, (_, index) => index)

describe("applying a plan", () => {
  it.effect("writes every file, whole, with its mode, and leaves nothing else", () =>
    Effect.gen(function* () {
      const root = join(temporaryFolder(), "a", "b")
      yield* apply(planAt(root))
      assert.deepStrictEqual(tree(root), { ...files })
      assert.strictEqual(statSync(join(root, "bin/run.sh")).mode & 0o111, 0o111)
      assert.strictEqual(statSync(join(root, "README.md")).mode & 0o111, 0)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("is refused a second time, and harms nothing", () =>
    Effect.gen(function* () {
      const root = temporaryFolder()
      yield* apply(planAt(root))
      writeFileSync(join(root, "mine.txt"), "mine")
      const error = yield* Effect.flip(apply(planAt(root)))
      assert.strictEqual(error.code, "WORKSPACE_PLAN_STALE")
      assert.deepStrictEqual(tree(root), { ...files, "mine.txt": "mine" })
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect.each(everyOperation)("that fails at operation %i leaves what was there before, and says so", (at) =>
    Effect.gen(function* () {
      const parent = temporaryFolder()
      writeFileSync(join(parent, "mine.txt"), "mine")
      const root = join(parent, "new", "app")
      const full = PlatformError.systemError({
        _tag: "Unknown",
        module: "FileSystem",
        method: "write",
        cause: new Error("ENOSPC: no space left on device")
      })
      const result = yield* Effect.result(apply(planAt(root)).pipe(Effect.provide(faulty(at, () => Effect.fail(full)))))
      if (result._tag === "Success") {
        assert.deepStrictEqual(tree(root), { ...files })
        return
      }
      assert.strictEqual(result.failure.code, "WORKSPACE_APPLY_FAILED")
      assert.include(result.failure.message, "no space left on device")
      assert.include(result.failure.message, "removed again")
      assert.deepStrictEqual(readdirSync(parent), ["mine.txt"])
    })
  )

  it.effect.each(everyOperation)("that is interrupted at operation %i leaves what was there before", (at) =>
    Effect.gen(function* () {
      const parent = temporaryFolder()
      const root = join(parent, "app")
      const reached = yield* Deferred.make<void>()
      // the operation is done by then, and an interruption is waiting
      const fiber = yield* Effect.forkChild(
        apply(planAt(root)).pipe(
          Effect.provide(
            faulty(at, () =>
              Deferred.succeed(reached, undefined).pipe(Effect.andThen(Effect.interruptible(Effect.never)))
            )
          )
        )
      )
      yield* Effect.raceFirst(Deferred.await(reached), Fiber.await(fiber))
      yield* Fiber.interrupt(fiber)
      if (existsSync(root)) assert.deepStrictEqual(tree(root), { ...files })
      else assert.deepStrictEqual(readdirSync(parent), [])
    })
  )

  it.effect.each(everyOperation)("that is killed at operation %i is taken up by the next run", (at) =>
    Effect.gen(function* () {
      const root = join(temporaryFolder(), "app")
      const reached = yield* Deferred.make<void>()
      // nothing of the run goes on after this operation, not even its finalizers: as after SIGKILL
      const fiber = yield* Effect.forkDetach(
        apply(planAt(root)).pipe(
          Effect.provide(faulty(at, () => Deferred.succeed(reached, undefined).pipe(Effect.andThen(Effect.never))))
        )
      )
      yield* Effect.raceFirst(Deferred.await(reached), Fiber.await(fiber))

      yield* Effect.gen(function* () {
        const before = existsSync(root) ? tree(root) : {}
        // no file of the plan is ever half there
        for (const [path, content] of Object.entries(before))
          if (path in files) assert.strictEqual(content, files[path])
        if (before["src/app.ts"] !== undefined && before[journalPath] === undefined) {
          assert.deepStrictEqual(before, { ...files })
          return
        }
        const leftover = yield* inspect(root)
        if (leftover !== undefined) yield* removeLeftover(root, leftover.files)
        yield* apply(planAt(root))
        assert.deepStrictEqual(tree(root), { ...files })
      }).pipe(Effect.provide(NodeFileSystem.layer))
    })
  )

  it.effect("keeps a directory in which something else has appeared", () =>
    Effect.gen(function* () {
      const root = join(temporaryFolder(), "app")
      let renames = 0
      const layer = Layer.effect(
        FileSystem.FileSystem,
        Effect.map(FileSystem.FileSystem, (fs) => ({
          ...fs,
          rename: (from: string, to: string) =>
            Effect.suspend(() => {
              if (renames++ < 3) return fs.rename(from, to)
              mkdirSync(join(root, "bin", "other"), { recursive: true })
              return Effect.fail(
                PlatformError.systemError({ _tag: "PermissionDenied", module: "FileSystem", method: "rename" })
              )
            })
        }))
      ).pipe(Layer.provide(NodeFileSystem.layer))
      yield* Effect.flip(apply(planAt(root)).pipe(Effect.provide(layer)))
      assert.deepStrictEqual(readdirSync(root), ["bin"])
      assert.deepStrictEqual(readdirSync(join(root, "bin")), ["other"])
    })
  )
})

describe("what a killed run left", () => {
  const leave = (root: string) =>
    Effect.gen(function* () {
      const reached = yield* Deferred.make<void>()
      const kill = faulty(12, () => Deferred.succeed(reached, undefined).pipe(Effect.andThen(Effect.never)))
      yield* Effect.forkDetach(apply(planAt(root)).pipe(Effect.provide(kill)))
      yield* Deferred.await(reached)
    })

  it.effect("is not touched when the user has changed one of its files", () =>
    Effect.gen(function* () {
      const root = temporaryFolder()
      yield* leave(root)
      writeFileSync(join(root, "README.md"), "mine now\n")
      const error = yield* Effect.flip(inspect(root))
      assert.strictEqual(error.code, "CREATE_DIRECTORY_NOT_EMPTY")
      assert.include(error.message, "killed")
      assert.strictEqual(readFileSync(join(root, "README.md"), "utf8"), "mine now\n")
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("is not touched when other files have come", () =>
    Effect.gen(function* () {
      const root = temporaryFolder()
      yield* leave(root)
      writeFileSync(join(root, "src", "mine.ts"), "")
      const error = yield* Effect.flip(inspect(root))
      assert.strictEqual(error.code, "CREATE_DIRECTORY_NOT_EMPTY")
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
