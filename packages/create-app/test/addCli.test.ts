import { type SpawnSyncReturns, spawnSync } from "node:child_process"
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { exitCodes } from "../src/cli/ExitCode.ts"
import { journalPath } from "../src/workspace/Journal.ts"
import { sha256 } from "../src/workspace/Plan.ts"
import { temporaryFolder, writeFiles } from "./fixture.ts"
import { appFiles, appFolder, treeOf } from "./pluginFixture.ts"

const bin = join(import.meta.dirname, "..", "src", "bin", "mortise.ts")
const mortise = (
  cwd: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [bin, ...args], {
    cwd,
    encoding: "utf8",
    timeout: 60_000,
    // a pipe that is never closed: a question would wait for ever
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: cwd, ...env }
  })

describe("mortise add", () => {
  it("says what it wrote, that it compiles, and what comes next", () => {
    const cwd = appFolder()
    const result = mortise(cwd, ["add", "mail"])
    assert.strictEqual(result.stderr, "")
    assert.strictEqual(result.status, exitCodes.done)
    for (const text of [
      "+  .env.example",
      "~  src/app.ts",
      "~  src/config.ts",
      "Added mail. The app compiles.",
      "npm start"
    ]) {
      assert.include(result.stdout, text)
    }
    const again = mortise(cwd, ["add", "mail"])
    assert.strictEqual(again.stdout, "Already there: mail.\nNothing was changed.\n")
    const removed = mortise(cwd, ["remove", "mail"])
    assert.include(removed.stdout, "Removed mail. The app compiles.")
    assert.deepStrictEqual(treeOf(cwd), { ...appFiles })
  })

  it("without a name lists what can be added, what each gives and needs, and what is there", () => {
    const cwd = appFolder()
    writeFiles(cwd, { "node_modules/@acme/accounts/manifest.json": "{" })
    const { stdout } = mortise(cwd, ["add"])
    assert.match(stdout, /database, db +Keeps things \(gives Database\)/)
    assert.match(stdout, /✓ +http /)
    assert.match(stdout, /websocket.*needs HttpHost/)
    assert.match(stdout, /@acme\/accounts cannot be added: \.\/manifest\.json is not valid JSON/)
    const value = JSON.parse(mortise(cwd, ["add", "--json"]).stdout)
    const mail = value.plugins.find(({ name }: { readonly name: string }) => name === "mail")
    assert.deepInclude(mail, { package: "@acme/mail", version: "1.2.3", present: false })
  })

  it("shows a diff and writes nothing with --dry-run", () => {
    const cwd = appFolder()
    const people = mortise(cwd, ["add", "mail", "--dry-run", "--no-check"])
    for (const line of [
      "--- a/src/app.ts",
      "+++ b/src/app.ts",
      "-  http() // the page, and more",
      "+  mail()",
      "--- /dev/null",
      "+MAIL_PORT=25"
    ]) {
      assert.include(people.stdout.split("\n"), line)
    }
    assert.include(people.stdout, "Not type-checked: --no-check. Nothing was written.")
    const { changes, dryRun } = JSON.parse(mortise(cwd, ["add", "mail", "--dry-run", "--no-check", "--json"]).stdout)
    assert.isTrue(dryRun)
    assert.deepStrictEqual(
      changes.map(({ kind, path }: { readonly kind: string; readonly path: string }) => `${kind} ${path}`),
      ["create .env.example", "update src/app.ts", "update src/config.ts"]
    )
    assert.include(changes[1].diff, "+  mail()")
    assert.deepStrictEqual(treeOf(cwd), { ...appFiles })
  })

  it("never hangs without a terminal, but ends with the command that would do", () => {
    const cwd = appFolder()
    const people = mortise(cwd, ["add", "accounts", "--no-check"])
    assert.strictEqual(people.status, exitCodes.refused)
    assert.match(people.stderr, /accounts needs Orm, .*\n\n {2}mortise add accounts --with sqlite/)
    const { error, exitCode } = JSON.parse(mortise(cwd, ["add", "accounts", "--no-check", "--json"]).stdout)
    assert.deepStrictEqual([error.code, exitCode], ["ADD_SERVICE_MISSING", exitCodes.refused])
    const whole = ["add", "accounts", "--with", "orm,auth", "--no-check", "--no-install", "--json"]
    const { added, already, ok } = JSON.parse(mortise(cwd, whole).stdout)
    assert.deepStrictEqual([ok, added.toSorted(), already], [true, ["accounts", "auth", "sqlite"], []])
  })

  it("installs what has become a dependency, with the app's package manager", () => {
    const cwd = appFolder({
      "package.json": `{ "name": "shop", "type": "module", "dependencies": { "@mortise/core": "^0.1.0" } }\n`,
      "pnpm-lock.yaml": ""
    })
    const programs = temporaryFolder("bin")
    writeFiles(programs, { pnpm: `#!/bin/sh\necho "$PWD $*" > "$PWD/called.txt"\n` })
    chmodSync(join(programs, "pnpm"), 0o755)
    const env = { PATH: `${programs}${delimiter}${process.env.PATH}` }
    const result = mortise(cwd, ["add", "@acme/mail#mail", "--no-check"], env)
    assert.strictEqual(result.status, exitCodes.done, result.stderr)
    assert.include(readFileSync(join(cwd, "called.txt"), "utf8"), "shop install")
    assert.include(readFileSync(join(cwd, "package.json"), "utf8"), `"@acme/mail": "^1.2.3"`)
  })

  it("takes up what a killed run left, before anything else", () => {
    const cwd = appFolder()
    const before = appFiles["src/main.ts"] ?? ""
    const waiting = "src/.main.ts.00ff.mortise-tmp"
    const file = { path: "src/main.ts", before: sha256(before), after: sha256("// new\n"), temporary: waiting }
    const journal = { schema: 2, owner: "x", pid: 2 ** 30, phase: "commit", files: [file] }
    writeFiles(cwd, { [journalPath]: JSON.stringify(journal), [waiting]: "// new\n" })
    const { stdout } = mortise(cwd, ["add", "mail", "--no-check"])
    assert.include(stdout, "An earlier run was killed while it wrote; it has been completed.")
    const files = treeOf(cwd)
    assert.strictEqual(files["src/main.ts"], "// new\n")
    assert.notProperty(files, waiting)
    assert.notProperty(files, journalPath)
  })

  it.each<[ReadonlyArray<string>, keyof typeof exitCodes, RegExp]>([
    [["add", "mial"], "usage", /Did you mean mail\?/],
    [["remove", "htpp"], "usage", /Did you mean http\?/],
    [["remove"], "usage", /name/],
    [["add", "mail", "--cwd", "/"], "usage", /no package\.json/],
    [["add", "@acme/mail#spam"], "refused", /would not compile/]
  ])("%j ends with %s", (args, code, message) => {
    const cwd = appFolder()
    const result = mortise(cwd, args)
    assert.strictEqual(result.status, exitCodes[code], result.stdout)
    assert.match(result.stderr, message)
    assert.deepStrictEqual(treeOf(cwd), { ...appFiles })
  })

  it("works in a folder below the app's own", () => {
    const cwd = appFolder()
    writeFileSync(join(cwd, "src/config.ts"), "export const config = {}\n")
    const result = mortise(join(cwd, "src"), ["add", "mail", "--no-check"])
    assert.strictEqual(result.status, exitCodes.done, result.stderr)
    assert.include(readFileSync(join(cwd, "src/app.ts"), "utf8"), "mail()")
  })
})
