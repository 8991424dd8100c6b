/**
 * What each test file needs, so that `npm test -- --fast` and `--tag` can choose without starting it. A file that says nothing
 * is `unit`; its name makes it `kit` or `docs`; what else it needs stands in its first comment:
 *
 *     // @module-tag service
 */
import { globSync, readFileSync } from "node:fs"
import path from "node:path"
import { root } from "./workspace.ts"

/** Every tag, with what it says of a test. vitest knows the same list (`vitest.config.ts`). */
export const tags = {
  unit: "runs in the test's own process; servers only on free ports of loopback",
  kit: "runs a conformance kit against an implementation (*.kit.test.ts)",
  service: "talks to a service that must run: PostgreSQL, NATS …",
  browser: "drives Chromium",
  process: "starts other programs: Node children that are killed, compilers",
  app: "packs packages, installs, or creates a whole app",
  docs: "compiles and runs documentation (test/docs)"
} as const

export type Tag = keyof typeof tags

export const tagNames = Object.keys(tags) as ReadonlyArray<Tag>

/** What a machine without services, browser or network can run. */
const fast: ReadonlySet<string> = new Set<Tag>(["unit", "kit"])

export interface TestFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string
  readonly tags: ReadonlyArray<string>
}

/** The tags that a file says of itself; a comment counts only before the first statement. */
const saidIn = (source: string): ReadonlyArray<string> => {
  const head = /^(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*)*/.exec(source)?.[0] ?? ""
  return [...head.matchAll(/@module-tag\s+([\w/-]+)/g)].map(([, tag]) => tag ?? "")
}

/** Tests of templates travel into apps, whose vitest knows no tags; theirs stand here. */
const ofTemplates: Readonly<Record<string, Tag>> = {
  "templates/chat/test/accounts/page.test.ts": "browser",
  "templates/chat/test/accounts/terminal.test.ts": "process",
  "templates/chat/test/database/killed.test.ts": "process",
  "templates/chat/test/terminal.test.ts": "process"
}

/** The tags of a test file, by its name and its first comment; names that `tags` does not have are kept, for a test to find. */
export const tagsOf = (file: string, source: string): ReadonlyArray<string> => {
  const named: Array<string> = []
  if (/(?:^|\.|\/)kit\.test\.ts$/.test(file)) named.push("kit")
  if (file.startsWith("test/docs/")) named.push("docs")
  const own = ofTemplates[file]
  if (own !== undefined) named.push(own)
  const all = [...new Set([...named, ...saidIn(source)])]
  return all.length === 0 ? ["unit"] : all
}

/** Every test file of the workspace. */
export const testFiles = (): ReadonlyArray<TestFile> =>
  globSync("{packages,templates,bench,test,docs}/**/*.test.ts", {
    cwd: root,
    exclude: (name) => ["node_modules", "dist", ".toolchain"].includes(path.basename(name))
  })
    .map((name) => name.replaceAll(path.sep, "/"))
    .sort()
    .map((file) => ({ path: file, tags: tagsOf(file, readFileSync(path.join(root, file), "utf8")) }))

/** Whether a file needs nothing but Node. */
export const isFast = (file: TestFile): boolean => file.tags.every((tag) => fast.has(tag))
