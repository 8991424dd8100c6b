import { cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, relative } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { packagesIn } from "../plugin/Staging.ts"
import type { Plan } from "../workspace/Plan.ts"
import { run } from "./Command.ts"
import { isIgnored } from "./ignored.ts"

/** What the app's own compiler says of a plan. */
export type Verdict =
  | { readonly status: "passed" }
  | { readonly status: "failed"; readonly problems: ReadonlyArray<string> }
  /** It could not be asked. */
  | { readonly status: "skipped"; readonly reason: string }

/** What the compiler may look at; the rest of an app can be large. */
const isRead = (name: string): boolean => /\.(?:[cm]?[jt]sx?|json)$/.test(name)
const largest = 20_000

/** Copies an app's code; gives false when there is too much of it. */
const copyCode = async (from: string, to: string): Promise<boolean> => {
  let count = 0
  const walk = async (folder: string): Promise<boolean> => {
    for (const entry of await readdir(join(from, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (!isIgnored(entry.name) && !(await walk(path))) return false
      } else if (entry.isFile() && isRead(entry.name)) {
        if (++count > largest) return false
        await mkdir(join(to, folder), { recursive: true })
        await cp(join(from, path), join(to, path))
      }
    }
    return true
  }
  return walk("")
}

/** A settings file that extends one outside of the app finds it from anywhere. */
const withAbsoluteExtends = (text: string, root: string): string =>
  text.replace(/("extends"\s*:\s*)"(\.[^"]*)"/g, (whole, key: string, path: string) => {
    const target = join(root, path)
    return relative(root, target).startsWith("..") ? `${key}${JSON.stringify(target)}` : whole
  })

/** Links every package that the app sees, its own before those of folders above, and copies the fetched ones beside them. */
const linkPackages = async (root: string, to: string, fetched: ReadonlyArray<string>): Promise<void> => {
  const packages = new Map<string, string>()
  for (let folder = root; ; folder = dirname(folder)) {
    for (const [name, path] of await packagesIn(join(folder, "node_modules"))) {
      if (!packages.has(name)) packages.set(name, path)
    }
    if (dirname(folder) === folder) break
  }
  for (const [name, path] of packages) {
    await mkdir(dirname(join(to, name)), { recursive: true })
    await symlink(path, join(to, name), "junction")
  }
  for (const modules of fetched) {
    for (const [name, path] of await packagesIn(modules)) {
      // real files, so that their peers are looked for here and found to be the app's
      if (!packages.has(name)) await cp(path, join(to, name), { recursive: true })
    }
  }
}

const tscOf = (root: string): string | undefined => {
  try {
    const packageJson = createRequire(join(root, "package.json")).resolve("typescript/package.json")
    return join(dirname(packageJson), "bin", "tsc")
  } catch {
    return undefined
  }
}

/** Problems of the compiler, one entry each with the lines that explain it. */
const problemsIn = (output: string): ReadonlyArray<string> =>
  output.split(/\r?\n/).reduce<Array<string>>((problems, line) => {
    if (/^\s/.test(line)) problems[problems.length - 1] += `\n${line}`
    else if (line !== "") problems.push(line)
    return problems
  }, [])

/** A problem without its place: an edit above it moves it. */
const placeless = (problem: string): string => problem.replace(/\(\d+,\d+\)/, "")

/**
 * Type-checks an app as it would be after a plan, with the app's own TypeScript, on a copy of its code in a temporary folder.
 * Only problems that the app does not have already count.
 */
export const typeCheck = Effect.fnUntraced(
  function* (plan: Plan, fetched: ReadonlyArray<string>) {
    const { root } = plan
    const skipped = (reason: string): Verdict => ({ status: "skipped", reason })
    const tsc = tscOf(root)
    if (tsc === undefined) return skipped("TypeScript is not installed here")
    const fs = yield* FileSystem.FileSystem
    if (!(yield* fs.exists(join(root, "tsconfig.json")))) return skipped("there is no tsconfig.json")
    const copy = yield* fs.makeTempDirectoryScoped({ prefix: "mortise-check-" })

    const isCopied = yield* Effect.tryPromise(async () => {
      if (!(await copyCode(root, copy))) return false
      await linkPackages(root, join(copy, "node_modules"), fetched)
      const settings = join(copy, "tsconfig.json")
      await writeFile(settings, withAbsoluteExtends(await readFile(settings, "utf8"), root))
      return true
    })
    if (!isCopied) return skipped(`it has more than ${largest} files`)
    const check = Effect.map(
      run([process.execPath, tsc, "--noEmit", "--pretty", "false", "-p", copy], { cwd: copy }),
      ({ code, output }) => (code === 0 ? [] : problemsIn(output))
    )
    const put = (after: boolean) =>
      Effect.forEach(
        plan.changes,
        (change) =>
          Effect.gen(function* () {
            const target = join(copy, change.path)
            if (after ? change.removed === true : change.before === null)
              return yield* fs.remove(target, { force: true })
            yield* fs.makeDirectory(dirname(target), { recursive: true })
            yield* fs.writeFile(target, after ? change.bytes : yield* fs.readFile(join(root, change.path)))
          }),
        { discard: true }
      )

    yield* put(true)
    const problems = yield* check
    if (problems.length === 0) return { status: "passed" } as Verdict
    yield* put(false)
    const before = new Set((yield* check).map(placeless))
    const own = problems.filter((problem) => !before.has(placeless(problem)))
    return (own.length === 0 ? { status: "passed" } : { status: "failed", problems: own }) as Verdict
  },
  Effect.scoped,
  Effect.catchTag(["PlatformError", "UnknownError"], (error) =>
    Effect.succeed<Verdict>({ status: "skipped", reason: error.message })
  )
)
