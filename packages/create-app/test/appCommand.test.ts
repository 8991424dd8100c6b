// @module-tag process
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { assert, describe, it } from "@effect/vitest"

const root = path.resolve(import.meta.dirname, "../../..")
const mortise = (cwd: string, ...args: ReadonlyArray<string>) =>
  spawnSync(process.execPath, [path.join(root, "packages/create-app/src/bin/mortise.ts"), ...args], {
    cwd,
    encoding: "utf8",
    // where a package manager runs the tests, NODE_PATH leads to the workspace's packages
    env: { PATH: process.env.PATH, HOME: cwd }
  })

describe("mortise config", () => {
  it("runs in an app what @mortise/config brings, with its exit codes", () => {
    const app = path.join(root, "templates/minimal")
    const printed = mortise(app, "config", "print")
    assert.strictEqual(printed.stderr, "")
    assert.match(printed.stdout, /^key +value +source\nhttp\.host +"127\.0\.0\.1" +code\n/)
    const wrong = mortise(app, "config", "set", "http.prt", "1")
    assert.strictEqual(wrong.status, 2)
    assert.strictEqual(wrong.stderr, "✗ There is no key http.prt. Did you mean port?\n")
  })

  it("says what is missing where there is no app", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "mortise-no-app-"))
    try {
      const { status, stderr } = mortise(folder, "config", "print")
      assert.strictEqual(status, 2)
      assert.match(
        stderr,
        /has no @mortise\/config, which brings `mortise config`\.\n.*npm install @mortise\/config\n$/s
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
