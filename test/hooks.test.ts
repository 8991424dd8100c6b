// @module-tag process
import { execFileSync } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { checkPackages, typeStepsFor } from "../scripts/checks.ts"
import { setHooks } from "../scripts/hooks.ts"
import { packages, root } from "../scripts/workspace.ts"

const names = (files: ReadonlyArray<string>) => typeStepsFor(files, packages()).map(({ name }) => name)

describe("what a commit is checked for", () => {
  it("is the packages that its files are in", () => {
    expect(names(["packages/orm/src/Sqlite.ts", "packages/orm/README.md", "templates/chat/src/app.ts"])).toEqual([
      "types: build of every package",
      "types: packages/orm",
      "types: templates/chat"
    ])
  })

  it("is scripts and tests of the workspace where these change, and no types where none do", () => {
    expect(names(["scripts/tags.ts"])).toEqual(["types: scripts and test"])
    expect(names(["vitest.config.ts"])).toEqual(["types: scripts and test"])
    expect(names(["README.md", "docs/wire.md"])).toEqual([])
  })
})

describe("the check of a package", () => {
  it("says which there are when a filter means none", async () => {
    const { failed, output } = await checkPackages(["minimal", "packages/nope"], { fix: false })
    expect(failed).toBe(1)
    expect(output).toContain('No package has "packages/nope" in its folder. There are packages/core, ')
  })
})

describe("the commit hooks", () => {
  let folder: string
  const git = (...args: ReadonlyArray<string>) => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim()

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "mortise-hooks-"))
    git("init", "--quiet")
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it("are off until they are turned on, and off again afterwards, as often as one likes", async () => {
    const hooksPath = () => git("config", "--default", "none", "core.hooksPath")
    expect(hooksPath()).toBe("none")
    expect(await setHooks(folder, true)).toMatchObject({ ok: true })
    expect(hooksPath()).toBe(".githooks")
    expect(await setHooks(folder, false)).toMatchObject({ ok: true })
    expect(await setHooks(folder, false)).toMatchObject({ ok: true })
    expect(hooksPath()).toBe("none")
  })

  it("cannot be turned on outside of a clone, which is said", async () => {
    await rm(path.join(folder, ".git"), { recursive: true })
    const { ok, words } = await setHooks(folder, true)
    expect(ok).toBe(false)
    expect(words).toMatch(/git/)
  })

  it("may be run by git", () => {
    expect(() => accessSync(path.join(root, ".githooks/pre-commit"), constants.X_OK)).not.toThrow()
  })
})
