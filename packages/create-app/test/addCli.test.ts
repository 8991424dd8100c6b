// @module-tag process
import { type SpawnSyncReturns, spawnSync } from "node:child_process"
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { appCommands } from "../src/cli/appCommand.ts"
import { exitCodes } from "../src/cli/ExitCode.ts"
import { journalPath } from "../src/workspace/Journal.ts"
import { sha256 } from "../src/workspace/Plan.ts"
import { temporaryFolder, writeFiles } from "./fixture.ts"
import { appFiles, appFolder, treeOf } from "./pluginFixture.ts"

const commands = ["create", "add", "remove", ...Object.keys(appCommands)].join(", ")

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
      "+  .mortise/lock.json",
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
    assert.match(stdout, /websocket, ws +Browsers and[^✓]*needs HttpHost/)
    for (const line of stdout.split("\n")) assert.isAtMost(line.length, 80)
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
    assert.include(people.stdout, "\ncreate .mortise/lock.json\n\nNot type-checked: --no-check. Nothing was written.")
    const { changes, dryRun } = JSON.parse(mortise(cwd, ["add", "mail", "--dry-run", "--no-check", "--json"]).stdout)
    assert.isTrue(dryRun)
    assert.deepStrictEqual(
      changes.map(({ kind, path }: { readonly kind: string; readonly path: string }) => `${kind} ${path}`),
      ["create .env.example", "update src/app.ts", "update src/config.ts", "create .mortise/lock.json"]
    )
    assert.include(changes[1].diff, "+  mail()")
    assert.deepStrictEqual(treeOf(cwd), { ...appFiles })
  })

  it("names a file that goes, and does not print what was in it", () => {
    const cwd = appFolder()
    mortise(cwd, ["add", "mail", "--no-check"])
    const { stdout } = mortise(cwd, ["remove", "mail", "--dry-run", "--no-check"])
    assert.include(stdout.split("\n"), "delete .env.example (6 lines)")
    assert.match(stdout, /^delete \.mortise\/lock\.json \(\d+ lines\)$/m)
    assert.notInclude(stdout, "-MAIL_PORT")
    assert.include(stdout, "-  mail()")
  })

  it("says on remove what came for the plugin and stays, with the command that takes it out", () => {
    const cwd = appFolder()
    assert.include(
      mortise(cwd, ["add", "accounts", "--yes", "--no-check", "--no-install"]).stdout,
      "Also added, since they are needed: "
    )
    const dry = mortise(cwd, ["remove", "accounts", "--no-check", "--no-install", "--dry-run"])
    const { stdout } = mortise(cwd, ["remove", "accounts", "--no-check", "--no-install"])
    for (const said of [dry.stdout, stdout]) {
      assert.match(said, /stay: they came because accounts needed them\.\n.*\n\n {2}mortise remove \w+ \w+\n/)
    }
    const [, command = ""] = /\n {2}mortise (remove .*)\n/.exec(stdout) ?? []
    const last = mortise(cwd, [...command.split(" "), "--no-check", "--no-install"])
    assert.strictEqual(last.status, exitCodes.done, last.stderr)
    assert.notInclude(last.stdout, "came because")
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

  it("says what is missing and where it comes from before the compiler's words, of which it shows the beginning", () => {
    const cwd = appFolder()
    const { status, stderr } = mortise(cwd, ["add", "visits"])
    assert.strictEqual(status, exitCodes.refused)
    const lines = stderr.split("\n")
    assert.deepStrictEqual(lines.slice(0, 2), [
      '✗ plugin "visits" requires "@acme/Database", which no plugin provides',
      "  It comes with database: mortise add visits --with database"
    ])
    assert.include(stderr, "With --no-check it is written all the same; `npm run check` then shows")
    const compiler = lines.filter((line) => /^ {2}.*error TS\d+/.test(line))
    assert.match(compiler[0] ?? "", /^ {2}src\/app\.ts\(\d+,\d+\): error TS2345: .*…$/)
    for (const line of compiler) assert.isAtMost(line.length, 80)
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
    [["frobnicate"], "usage", new RegExp(`^Unknown command "frobnicate"\\. Commands: ${commands}\\.\n`)],
    [["ad", "mail"], "usage", /^Unknown command "ad"\. Did you mean add\?/],
    [["add", "mail", "--cwd", "/"], "usage", /no package\.json/],
    [["add", "@acme/mail#spam"], "refused", /would not compile/]
  ])("%j ends with %s", (args, code, message) => {
    const cwd = appFolder()
    const result = mortise(cwd, args)
    assert.strictEqual(result.status, exitCodes[code], result.stdout)
    assert.match(result.stderr, message)
    assert.deepStrictEqual(treeOf(cwd), { ...appFiles })
  })

  it("says of an unknown command no more than that, with --json as well", () => {
    const { status, stdout } = mortise(temporaryFolder(), ["remov", "mail", "--json"])
    assert.strictEqual(status, exitCodes.usage)
    const { error } = JSON.parse(stdout)
    assert.strictEqual(error.message, `Unknown command "remov". Did you mean remove? Commands: ${commands}.`)
  })

  it("works in a folder below the app's own", () => {
    const cwd = appFolder()
    writeFileSync(join(cwd, "src/config.ts"), "export const config = {}\n")
    const result = mortise(join(cwd, "src"), ["add", "mail", "--no-check"])
    assert.strictEqual(result.status, exitCodes.done, result.stderr)
    assert.include(readFileSync(join(cwd, "src/app.ts"), "utf8"), "mail()")
  })
})
