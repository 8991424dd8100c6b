// @module-tag process
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, delimiter, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { exitCodes } from "../src/cli/ExitCode.ts"
import { version } from "../src/Version.ts"
import { temporaryFolder, tinyTemplate, writeFiles } from "./fixture.ts"

const bin = (name: "mortise" | "create-mortise"): string => join(import.meta.dirname, "..", "src", "bin", `${name}.ts`)

interface Options {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
}

/** Runs `create-mortise` as a process without a terminal. */
const run = (args: ReadonlyArray<string>, options: Options): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [bin("create-mortise"), ...args], {
    cwd: options.cwd,
    encoding: "utf8",
    timeout: 60_000,
    // a pipe that is never closed: a question would wait for ever
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: options.cwd, ...options.env },
    ...(options.uid === undefined ? {} : { uid: options.uid })
  })

const without = ["--no-install", "--no-git"]

/** A program of this name in a folder to put on PATH, which writes its arguments down and ends with a code. */
const fakeProgram = (folder: string, name: string, script: string): void => {
  writeFiles(folder, { [name]: `#!/bin/sh\n${script}\n` })
  chmodSync(join(folder, name), 0o755)
}

describe("create", () => {
  it("makes the app, and says what comes next", () => {
    const cwd = temporaryFolder()
    const result = run(["my app", "--template", tinyTemplate(cwd), "--port", "9000", ...without], { cwd })
    assert.strictEqual(result.stderr, "")
    assert.strictEqual(result.status, exitCodes.done)
    for (const text of ["Created my-app in", "cd 'my app'", "npm install", "npm start", "npm test", "npm run chat"]) {
      assert.include(result.stdout, text)
    }
    assert.include(readFileSync(join(cwd, "my app/src/config.ts"), "utf8"), "9000")
    assert.isFalse(existsSync(join(cwd, "my app/.mortise/journal.json")))
  })

  it("is `mortise create` as well", () => {
    const cwd = temporaryFolder()
    const template = tinyTemplate(cwd)
    const result = spawnSync(
      process.execPath,
      [bin("mortise"), "create", "x", "--template", template, "--yes", ...without],
      { cwd, encoding: "utf8" }
    )
    assert.strictEqual(result.status, exitCodes.done, result.stderr)
    assert.isTrue(existsSync(join(cwd, "x/package.json")))
  })

  it("prints one JSON object and nothing else with --json", () => {
    const cwd = temporaryFolder()
    const result = run(["x", "--template", tinyTemplate(cwd), "--json", ...without], { cwd })
    const value = JSON.parse(result.stdout)
    assert.deepInclude(value, { ok: true, name: "x", directory: join(cwd, "x"), dryRun: false, packageManager: "npm" })
    assert.deepStrictEqual(
      value.steps.map((step: { readonly status: string }) => step.status),
      ["skipped", "skipped"]
    )
    assert.sameMembers(
      value.changes.map((change: { readonly path: string }) => change.path),
      readdirSync(join(cwd, "x"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(join(cwd, "x").length + 1))
    )
  })

  it("says which plugins come because those of --with need them", () => {
    const cwd = temporaryFolder()
    const args = ["--template", tinyTemplate(cwd), "--with", "jwt", ...without]
    assert.include(run(["x", ...args], { cwd }).stdout, "Also added, since it is needed: auth.\nCreated x in")
    const { added, also } = JSON.parse(run(["y", ...args, "--json"], { cwd }).stdout)
    assert.deepStrictEqual([added, also], [["auth", "jwt"], ["auth"]])
  })

  it("shows the plan and leaves the disk untouched with --dry-run", () => {
    const cwd = temporaryFolder()
    const template = tinyTemplate(cwd)
    const people = run(["x", "--template", template, "--dry-run"], { cwd })
    const programs = run(["x", "--template", template, "--dry-run", "--json"], { cwd })
    assert.strictEqual(people.status, exitCodes.done)
    assert.match(people.stdout, /\+ app\.ts \(\d+ B\)/)
    assert.include(people.stdout, "Nothing was written.")
    const app = JSON.parse(programs.stdout).changes.find(
      (change: { readonly path: string }) => change.path === "src/app.ts"
    )
    assert.include(app.content, "Plugin.compose(")
    assert.deepStrictEqual(readdirSync(cwd), [basename(template)])
  })

  it("starts relative paths from --cwd", () => {
    const cwd = temporaryFolder()
    tinyTemplate(cwd)
    const result = run(["x", "--cwd", cwd, "--template", "./tiny", ...without], { cwd: tmpdir() })
    assert.strictEqual(result.status, exitCodes.done, result.stderr)
    assert.isTrue(existsSync(join(cwd, "x/package.json")))
  })

  it("takes the package manager that runs it, and another by flag", () => {
    const cwd = temporaryFolder()
    const template = tinyTemplate(cwd)
    const env = { npm_config_user_agent: "pnpm/12.21.0 npm/? node/v24.21.0 linux x64" }
    const found = JSON.parse(run(["x", "--template", template, "--dry-run", "--json"], { cwd, env }).stdout)
    const given = JSON.parse(
      run(["x", "--template", template, "--dry-run", "--json", "--package-manager", "bun"], { cwd, env }).stdout
    )
    assert.strictEqual(found.packageManager, "pnpm")
    assert.strictEqual(given.packageManager, "bun")
  })
})

describe("a run without a terminal", () => {
  it.each([
    ["<directory>", []],
    ["--template", ["x"]]
  ])("ends naming %s when that is needed and not given", (flag, args) => {
    const result = run(args, { cwd: temporaryFolder() })
    assert.strictEqual(result.status, exitCodes.usage)
    assert.include(result.stderr, flag)
    assert.strictEqual(result.stdout, "")
  })

  it("takes the template's defaults without --yes", () => {
    const cwd = temporaryFolder()
    const result = run(["x", "--template", tinyTemplate(cwd), "--dry-run", "--json"], { cwd })
    assert.deepInclude(JSON.parse(result.stdout).answers, { port: 7420, wire: "json", docker: false })
  })
})

describe("a command line that is wrong", () => {
  it.each<[string, ReadonlyArray<string>, RegExp]>([
    ["an unknown flag", ["x", "--prot", "1"], /--prot/],
    ["a port that is no number", ["x", "--port", "abc"], /--port/],
    ["a port out of range", ["x", "--port", "65536"], /--port cannot be/],
    ["a choice that there is not", ["x", "--wire", "xml"], /--wire|wire/],
    ["a text that does not match", ["x", "--title", "a;b"], /--title cannot be/],
    ["a text with a line break", ["x", "--title", "a\nb"], /line break/],
    ["a package manager that there is not", ["x", "--package-manager", "cargo"], /package-manager/],
    ["a name with a path in it", ["x", "--name", "../x"], /"\.\.\/x" cannot be/],
    ["a name with a shell's characters", ["x", "--name", "$(touch y)"], /cannot be/],
    ["a name with a line break", ["x", "--name", "a\nb"], /"a\\nb" cannot be/],
    ["a reserved name", ["x", "--name", "node_modules"], /reserved/],
    ["the name of a dependency", ["x", "--name", "typescript"], /depends on/],
    ["a directory whose name gives none", ["$(touch y)"], /--name/],
    ["a directory with a line break", ["a\nb"], /control character/],
    ["an empty directory name", [""], /is empty/]
  ])("%s", (_, args, message) => {
    const cwd = temporaryFolder()
    const template = tinyTemplate(cwd)
    for (const json of [false, true]) {
      const result = run([...args, "--template", template, ...without, ...(json ? ["--json"] : [])], { cwd })
      assert.strictEqual(result.status, exitCodes.usage)
      if (json) {
        const value = JSON.parse(result.stdout)
        assert.deepInclude(value, { ok: false, exitCode: exitCodes.usage })
        assert.match(value.error.message, message)
      } else {
        assert.match(result.stderr, message)
        assert.strictEqual(result.stdout, "")
      }
      assert.deepStrictEqual(readdirSync(cwd), ["tiny"])
    }
  })

  it("refuses one port for two listeners, and takes 0 for both", () => {
    const cwd = temporaryFolder()
    const create = (port: string, tcp: ReadonlyArray<string>) =>
      run(["x", "--template", "chat", "--dry-run", "--json", "--port", port, ...tcp], { cwd })
    // the second one's default is a port like any other
    for (const clash of [create("7000", ["--tcp-port", "7000"]), create("7421", [])]) {
      assert.strictEqual(clash.status, exitCodes.usage)
      assert.match(
        JSON.parse(clash.stdout).error.message,
        /--tcp-port cannot be "(7000|7421)": --port has the same port/
      )
    }
    assert.strictEqual(create("0", ["--tcp-port", "0"]).status, 0)
  })

  it("names the nearest template and all there are when there is none of that name", () => {
    const cwd = temporaryFolder()
    // this package's own templates: none has this name
    const result = run(["x", "--template", "minimul", "--json"], { cwd })
    const { error, exitCode } = JSON.parse(result.stdout)
    assert.strictEqual(exitCode, exitCodes.usage)
    assert.strictEqual(error.code, "CREATE_TEMPLATE_NOT_FOUND")
    assert.include(error.message, "Did you mean minimal?")
    assert.include(error.message, "Templates: chat, minimal")
  })

  it("a flag of another template", () => {
    const cwd = temporaryFolder()
    const result = run(["x", "--template", "minimal", "--tcp-port", "1"], { cwd })
    assert.strictEqual(result.status, exitCodes.usage)
    assert.include(result.stderr, "The template minimal has no flag --tcp-port.")
  })
})

describe("a place that is refused", () => {
  const refused = (cwd: string, directory: string, uid?: number): string => {
    const template = tinyTemplate(temporaryFolder("template"))
    const before = readdirSync(cwd, { recursive: true })
    const result = run([directory, "--name", "x", "--template", template, ...without], {
      cwd,
      ...(uid === undefined ? {} : { uid })
    })
    assert.strictEqual(result.status, exitCodes.refused, result.stderr)
    assert.deepStrictEqual(readdirSync(cwd, { recursive: true }), before)
    return result.stderr
  }

  it("a directory with something in it: says what is in the way", () => {
    const cwd = temporaryFolder()
    writeFiles(cwd, { "app/notes.txt": "", "app/.hidden": "", "app/deep/file": "" })
    const message = refused(cwd, "app")
    assert.include(message, "is not empty")
    for (const entry of ["notes.txt", ".hidden", "deep"]) assert.match(message, new RegExp(`^ {2}${entry}$`, "m"))
  })

  it("a long list is cut", () => {
    const cwd = temporaryFolder()
    for (let index = 0; index < 50; index++) writeFiles(cwd, { [`app/${index}`]: "" })
    assert.include(refused(cwd, "app"), "and 30 more")
  })

  it("a file", () => {
    const cwd = temporaryFolder()
    writeFiles(cwd, { app: "" })
    assert.include(refused(cwd, "app"), "is not a directory")
  })

  it("a path through a file", () => {
    const cwd = temporaryFolder()
    writeFiles(cwd, { file: "" })
    assert.include(refused(cwd, "file/deep/app"), `${join(cwd, "file")}, a part of`)
  })

  it("a link that leads nowhere", () => {
    const cwd = temporaryFolder()
    symlinkSync("nowhere", join(cwd, "app"))
    assert.include(refused(cwd, "app"), "is not a directory")
  })

  it("a directory that this user may not write to", () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, "locked"))
    chmodSync(cwd, 0o755)
    chmodSync(join(cwd, "locked"), 0o555)
    // root may write everywhere, so the run is somebody else's
    const uid = process.getuid?.() === 0 ? 65534 : undefined
    const message = refused(cwd, "locked/app", uid)
    assert.include(message, "Cannot write to")
    assert.include(message, "permission denied")
    assert.include(refused(cwd, "locked", uid), "permission denied")
  })

  it("not a directory with a repository and nothing else", () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, "app/.git"), { recursive: true })
    const result = run(["app", "--template", tinyTemplate(cwd), ...without], { cwd })
    assert.strictEqual(result.status, exitCodes.done, result.stderr)
  })
})

describe("after the files are written", () => {
  const gitEnv = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" }
  const identity = {
    GIT_AUTHOR_NAME: "A",
    GIT_AUTHOR_EMAIL: "a@example.org",
    GIT_COMMITTER_NAME: "A",
    GIT_COMMITTER_EMAIL: "a@example.org"
  }

  it("a repository is made with everything in its first commit, the lock file of the install too", () => {
    const cwd = temporaryFolder()
    fakeProgram(join(cwd, "bin"), "npm", 'echo "{}" > "$PWD/package-lock.json"; mkdir "$PWD/node_modules"')
    const result = run(["x", "--template", tinyTemplate(cwd)], {
      cwd,
      env: { ...gitEnv, ...identity, PATH: `${join(cwd, "bin")}${delimiter}${process.env.PATH}` }
    })
    assert.include(result.stdout, "Made a git repository with a first commit.")
    const git = (...args: ReadonlyArray<string>) =>
      spawnSync("git", args, { cwd: join(cwd, "x"), encoding: "utf8" }).stdout
    assert.strictEqual(git("log", "--format=%s").trim(), "Create x from Mortise's tiny template")
    assert.strictEqual(git("status", "--porcelain"), "")
    // the install came before
    assert.include(git("ls-files").split("\n"), "package-lock.json")
  })

  it("a repository is left without a commit when git does not know the user", () => {
    const cwd = temporaryFolder()
    const result = run(["x", "--template", tinyTemplate(cwd), "--no-install", "--json"], {
      cwd,
      // without this git makes a name from the machine's
      env: { ...gitEnv, GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "user.useConfigOnly", GIT_CONFIG_VALUE_0: "true" }
    })
    const git = JSON.parse(result.stdout).steps[1]
    assert.deepInclude(git, { step: "git", status: "initialised" })
    assert.include(git.reason, "set user.name and user.email")
    assert.strictEqual(result.status, exitCodes.done)
  })

  it("no repository is made inside another, nor without git", () => {
    const cwd = temporaryFolder()
    const template = tinyTemplate(cwd)
    const bare = join(cwd, "bin")
    writeFiles(bare, {})
    const none = run(["x", "--template", template, "--no-install"], { cwd, env: { PATH: bare } })
    assert.include(none.stdout, "git is not installed")
    assert.strictEqual(none.status, exitCodes.done)
    spawnSync("git", ["init", "--quiet"], { cwd })
    const inside = run(["y", "--template", template, "--no-install"], { cwd })
    assert.include(inside.stdout, "inside a git repository already")
    assert.isFalse(existsSync(join(cwd, "y/.git")))
  })

  it("the package manager is run in the app", () => {
    const cwd = temporaryFolder()
    fakeProgram(join(cwd, "bin"), "pnpm", 'echo "$PWD $*" > "$PWD/called.txt"')
    const result = run(["x", "--template", tinyTemplate(cwd), "--no-git", "--package-manager", "pnpm"], {
      cwd,
      env: { PATH: `${join(cwd, "bin")}${delimiter}${process.env.PATH}` }
    })
    assert.strictEqual(result.status, exitCodes.done, result.stderr)
    assert.include(result.stdout, "Installing the dependencies: pnpm install")
    assert.strictEqual(
      readFileSync(join(cwd, "x/called.txt"), "utf8").trim(),
      `${join(cwd, "x")} install --no-frozen-lockfile`
    )
  })

  it("a failed install is told with its output and the command to repeat, and the app stays", () => {
    const cwd = temporaryFolder()
    fakeProgram(join(cwd, "bin"), "npm", "echo ENOTFOUND registry >&2; exit 7")
    for (const json of [false, true]) {
      const result = run([`x-${json}`, "--template", tinyTemplate(cwd), "--no-git", ...(json ? ["--json"] : [])], {
        cwd,
        env: { PATH: `${join(cwd, "bin")}${delimiter}${process.env.PATH}` }
      })
      assert.strictEqual(result.status, exitCodes.incomplete)
      const message = json ? JSON.parse(result.stdout).error.message : result.stderr
      for (const text of ["ENOTFOUND registry", "code 7", "npm install"]) assert.include(message, text)
      assert.isTrue(existsSync(join(cwd, `x-${json}`, "package.json")))
    }
  })

  it("a package manager that is not installed is named", () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, "empty"))
    const result = run(["x", "--template", tinyTemplate(cwd), "--no-git", "--package-manager", "bun"], {
      cwd,
      env: { PATH: join(cwd, "empty") }
    })
    assert.strictEqual(result.status, exitCodes.incomplete)
    assert.include(result.stderr, "bun could not be started")
  })

  it("an interruption during the install leaves the app and ends with 130", async () => {
    const cwd = temporaryFolder()
    fakeProgram(join(cwd, "bin"), "npm", 'echo started > "$PWD/started"; exec sleep 60')
    const child = spawn(process.execPath, [bin("create-mortise"), "x", "--template", tinyTemplate(cwd), "--no-git"], {
      cwd,
      env: { PATH: `${join(cwd, "bin")}${delimiter}${process.env.PATH}` },
      stdio: ["ignore", "ignore", "pipe"]
    })
    let errors = ""
    child.stderr.on("data", (chunk) => {
      errors += String(chunk)
    })
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
    const poll = setInterval(() => {
      if (!existsSync(join(cwd, "x/started"))) return
      clearInterval(poll)
      child.kill("SIGINT")
    }, 20)
    try {
      assert.strictEqual(await ended, exitCodes.cancelled)
    } finally {
      clearInterval(poll)
    }
    assert.include(errors, "Cancelled")
    assert.isTrue(existsSync(join(cwd, "x/.mortise/lock.json")))
  })
})

describe("help and version", () => {
  it("lists every flag, those of templates included", () => {
    const cwd = temporaryFolder()
    const result = run(["--help", "--template", tinyTemplate(cwd)], { cwd })
    assert.strictEqual(result.status, exitCodes.done)
    for (const flag of [
      "--template",
      "--name",
      "--package-manager",
      "--install",
      "--git",
      "--yes",
      "--json",
      "--dry-run",
      "--cwd",
      "--port",
      "--tcp-port",
      "--wire",
      "--docker",
      "--title"
    ]) {
      assert.include(result.stdout, `${flag}`)
    }
  })

  it("is not wider than a terminal whose width is not known", () => {
    const { stdout } = run(["--help"], { cwd: temporaryFolder() })
    for (const line of stdout.split("\n")) assert.isAtMost(line.length, 80)
  })

  it("prints the package's version", () => {
    assert.include(run(["--version"], { cwd: temporaryFolder() }).stdout, version)
  })

  it("documents every exit code", () => {
    const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8")
    for (const code of Object.values(exitCodes)) assert.match(readme, new RegExp(`^\\| ${code} +\\|`, "m"))
  })
})
