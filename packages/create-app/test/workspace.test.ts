import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { isInside, Workspace } from "../src/workspace/Workspace.ts"
import { temporaryFolder, writeFiles } from "./fixture.ts"

const over = (folder: string) => Workspace.layer(folder, "test@1").pipe(Layer.provide(NodeFileSystem.layer))

describe("a workspace", () => {
  it.effect("reads the disk overlaid with what was written, and writes nothing to it", () => {
    const folder = temporaryFolder()
    writeFiles(folder, { "a.txt": "disk", "b.txt": "disk" })
    return Effect.gen(function* () {
      const workspace = yield* Workspace
      yield* workspace.write("a.txt", "planned")
      yield* workspace.write("new/c.txt", "planned")
      assert.strictEqual(yield* workspace.read("a.txt"), "planned")
      assert.strictEqual(yield* workspace.read("b.txt"), "disk")
      assert.strictEqual(yield* workspace.read("new/c.txt"), "planned")
      assert.isUndefined(yield* workspace.read("d.txt"))
      assert.isUndefined(yield* workspace.read("b.txt/below"))
      const { changes } = yield* workspace.plan
      assert.deepStrictEqual(
        changes.map(({ kind, path }) => ({ kind, path })),
        [
          { kind: "update", path: "a.txt" },
          { kind: "create", path: "new/c.txt" }
        ]
      )
      assert.strictEqual(readFileSync(join(folder, "a.txt"), "utf8"), "disk")
      assert.isFalse(existsSync(join(folder, "new")))
    }).pipe(Effect.provide(over(folder)))
  })

  it.effect("plans nothing for a file that ends as it is", () => {
    const folder = temporaryFolder()
    writeFiles(folder, { "a.txt": "disk" })
    return Effect.gen(function* () {
      const workspace = yield* Workspace
      yield* workspace.write("a.txt", "other")
      yield* workspace.edit("a.txt", () => Effect.succeed("disk"))
      assert.deepStrictEqual((yield* workspace.plan).changes, [])
    }).pipe(Effect.provide(over(folder)))
  })

  it.effect("refuses to edit what is not there", () =>
    Effect.gen(function* () {
      const workspace = yield* Workspace
      const error = yield* Effect.flip(workspace.edit("a.txt", Effect.succeed))
      assert.strictEqual(error._tag, "PlaceNotFound")
    }).pipe(Effect.provide(over(temporaryFolder())))
  )

  it.effect("carries bytes as they are", () =>
    Effect.gen(function* () {
      const workspace = yield* Workspace
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
      yield* workspace.write("icon.png", bytes)
      const [change] = (yield* workspace.plan).changes
      assert.deepStrictEqual(new Uint8Array(change?.bytes ?? []), bytes)
    }).pipe(Effect.provide(over(temporaryFolder())))
  )

  it.effect.each(["", "/etc/passwd", "../x", "a/../../x", "a/./b", "a//b", "a\\b", "a\nb", "a\0b", ".."])(
    "has no path %j",
    (path) =>
      Effect.gen(function* () {
        assert.isFalse(isInside(path))
        const workspace = yield* Workspace
        for (const attempt of [workspace.write(path, ""), workspace.read(path), workspace.edit(path, Effect.succeed)]) {
          assert.strictEqual((yield* Effect.flip(attempt))._tag, "PathOutside")
        }
      }).pipe(Effect.provide(over(temporaryFolder())))
  )
})
