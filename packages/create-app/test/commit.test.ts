import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as PlatformError from "effect/PlatformError"
import { commit } from "../src/workspace/Commit.ts"
import { journalPath } from "../src/workspace/Journal.ts"
import { Change, Plan, sha256 } from "../src/workspace/Plan.ts"
import { recover } from "../src/workspace/recover.ts"
import { faulty } from "./faulty.ts"
import { temporaryFolder, writeFiles } from "./fixture.ts"
import { treeOf } from "./pluginFixture.ts"

const before: Readonly<Record<string, string>> = {
  "a.txt": "a\n",
  "src/b.txt": "b\n",
  "src/old/c.txt": "c\n",
  "d.txt": "d\n"
}
const after: Readonly<Record<string, string>> = {
  "a.txt": "A\n",
  "src/b.txt": "B\n",
  "new/e.txt": "E\n",
  "d.txt": "d\n"
}

const change = (path: string, content: string | undefined) =>
  new Change({
    path,
    before: before[path] === undefined ? null : sha256(before[path]),
    content: content ?? "",
    encoding: "utf8",
    executable: false,
    ...(content === undefined ? { removed: true } : {})
  })
const planAt = (root: string) =>
  new Plan({
    root,
    owner: "test@1",
    changes: [
      change("a.txt", "A\n"),
      change("new/e.txt", "E\n"),
      change("src/b.txt", "B\n"),
      change("src/old/c.txt", undefined)
    ]
  })
const app = () => {
  const root = temporaryFolder()
  writeFiles(root, before)
  return root
}

/** More than the operations of the plan, so that the last runs meet no fault. */
const everyOperation = Array.from({ length: 20 }, (_, index) => index)
const full = PlatformError.systemError({
  _tag: "Unknown",
  module: "FileSystem",
  method: "write",
  cause: new Error("ENOSPC: no space left on device")
})

/** A run of which nothing goes on after an operation, not even its finalizers: as after SIGKILL. */
const killedAt = (root: string, at: number) =>
  Effect.gen(function* () {
    const reached = yield* Deferred.make<void>()
    const kill = faulty(at, () => Deferred.succeed(reached, undefined).pipe(Effect.andThen(Effect.never)))
    const fiber = yield* Effect.forkDetach(commit(planAt(root)).pipe(Effect.provide(kill)))
    yield* Effect.raceFirst(Deferred.await(reached), Fiber.await(fiber))
  })

/** The journal of a run that is over: its process is not there any more. */
const bury = (root: string) => {
  const path = join(root, journalPath)
  if (!existsSync(path)) return
  const text = readFileSync(path, "utf8")
  // no process has this number: it is over the kernel's maximum
  if (text !== "") writeFileSync(path, JSON.stringify({ ...JSON.parse(text), pid: 2 ** 30 }))
}

describe("committing a plan", () => {
  it.effect("changes, creates and removes, keeps modes, and leaves nothing else", () =>
    Effect.gen(function* () {
      const root = app()
      chmodSync(join(root, "a.txt"), 0o755)
      yield* commit(planAt(root))
      assert.deepStrictEqual(treeOf(root), { ...after })
      assert.strictEqual(statSync(join(root, "a.txt")).mode & 0o777, 0o755)
      assert.isFalse(existsSync(join(root, "src/old")))
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("is refused when a file has changed since the plan was made", () =>
    Effect.gen(function* () {
      const root = app()
      writeFiles(root, { "src/b.txt": "mine\n" })
      const error = yield* Effect.flip(commit(planAt(root)))
      assert.strictEqual(error.code, "WORKSPACE_PLAN_STALE")
      assert.deepStrictEqual(treeOf(root), { ...before, "src/b.txt": "mine\n" })
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("writes through a link inside of the app, and refuses one that leads out of it", () =>
    Effect.gen(function* () {
      const [inside, outside, elsewhere] = [app(), app(), temporaryFolder()]
      writeFiles(inside, { "real/b.txt": "b\n" })
      writeFiles(elsewhere, { "b.txt": "b\n" })
      const planOf = (root: string) => new Plan({ root, owner: "test@1", changes: [change("src/b.txt", "B\n")] })
      const link = (root: string, target: string) =>
        Effect.flatMap(FileSystem.FileSystem, (fs) =>
          fs
            .remove(join(root, "src/b.txt"))
            .pipe(Effect.andThen(Effect.sync(() => symlinkSync(target, join(root, "src/b.txt")))))
        )
      yield* link(inside, "../real/b.txt")
      yield* link(outside, join(elsewhere, "b.txt"))
      yield* commit(planOf(inside))
      assert.strictEqual(readFileSync(join(inside, "real/b.txt"), "utf8"), "B\n")
      assert.strictEqual((yield* Effect.flip(commit(planOf(outside))))._tag, "PathOutside")
      assert.strictEqual(readFileSync(join(elsewhere, "b.txt"), "utf8"), "b\n")
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect.each(everyOperation)("that fails at operation %i leaves everything as it was, and says so", (at) =>
    Effect.gen(function* () {
      const root = app()
      const result = yield* Effect.result(
        commit(planAt(root)).pipe(Effect.provide(faulty(at, () => Effect.fail(full))))
      )
      if (result._tag === "Success") return assert.deepStrictEqual(treeOf(root), { ...after })
      assert.strictEqual(result.failure.code, "WORKSPACE_COMMIT_FAILED")
      assert.match(result.failure.message, /no space left on device.*as it was before/)
      assert.deepStrictEqual(treeOf(root), { ...before })
      assert.sameMembers(readdirSync(root), ["a.txt", "d.txt", "src"])
    })
  )

  it.effect.each(everyOperation)("that is killed at operation %i is finished or taken back by the next run", (at) =>
    Effect.gen(function* () {
      const root = app()
      yield* killedAt(root, at)
      // no file is ever half there
      for (const [path, text] of Object.entries(treeOf(root))) {
        if (path in before || path in after) assert.include([before[path], after[path]], text)
      }
      bury(root)
      const recovered = yield* recover(root)
      const tree = treeOf(root)
      if (recovered === "completed") assert.deepStrictEqual(tree, { ...after })
      else if (recovered === "reverted") assert.deepStrictEqual(tree, { ...before })
      else assert.include([JSON.stringify(before), JSON.stringify(after)], JSON.stringify(sorted(tree, before, after)))
      assert.strictEqual(yield* recover(root), "nothing")
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})

/** A tree in the order of the one that it has the files of. */
const sorted = (tree: Readonly<Record<string, string>>, ...like: ReadonlyArray<Readonly<Record<string, string>>>) => {
  const found = like.find((each) => Object.keys(each).every((path) => path in tree)) ?? {}
  return Object.fromEntries(Object.keys(found).map((path) => [path, tree[path]]))
}

describe("recovery", () => {
  it.effect("waits for a run that goes on", () =>
    Effect.gen(function* () {
      const root = app()
      const journal = { schema: 2, owner: "x", pid: process.ppid, phase: "prepare", files: [] }
      writeFiles(root, { [journalPath]: JSON.stringify(journal) })
      const error = yield* Effect.flip(recover(root))
      assert.strictEqual(error._tag, "WorkspaceBusy")
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("touches no file that somebody has changed since, and says where the rest is", () =>
    Effect.gen(function* () {
      const root = app()
      // the journal is complete, nothing is renamed
      yield* killedAt(root, 8)
      const journal = JSON.parse(readFileSync(join(root, journalPath), "utf8"))
      assert.strictEqual(journal.phase, "commit")
      writeFiles(root, { "a.txt": "mine\n" })
      bury(root)
      const error = yield* Effect.flip(recover(root))
      assert.strictEqual(error._tag, "RecoveryConflict")
      assert.strictEqual(readFileSync(join(root, "a.txt"), "utf8"), "mine\n")
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("believes no journal that names files outside of the app", () =>
    Effect.gen(function* () {
      const root = join(temporaryFolder(), "app")
      mkdirSync(root)
      writeFiles(root, { "../victim.txt": "v", "../.x.0.mortise-tmp": "evil" })
      const file = {
        path: "../victim.txt",
        before: sha256("v"),
        after: sha256("evil"),
        temporary: "../.x.0.mortise-tmp"
      }
      const evil = {
        schema: 2,
        owner: "x",
        pid: 2 ** 30,
        phase: "commit",
        files: [file, { ...file, temporary: null, after: null }]
      }
      writeFiles(root, { [journalPath]: JSON.stringify(evil) })
      yield* recover(root)
      assert.strictEqual(readFileSync(join(root, "../victim.txt"), "utf8"), "v")
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
