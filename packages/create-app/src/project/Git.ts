import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { lastLines, run } from "./Command.ts"

/** What became of the repository; none of these is a failure of the creation. */
export type GitOutcome =
  | { readonly status: "committed" }
  /** A repository without a commit, and why: git does not know who the user is, a hook refused … */
  | { readonly status: "initialised"; readonly reason: string }
  | { readonly status: "skipped"; readonly reason: string }

/** A hook that started this process leaves its repository in these; they must not lead git to that one. */
const ownRepository = { GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined }

/** Makes a repository of an app's folder and commits what is in it. */
export const initialise = Effect.fnUntraced(function* (directory: string, message: string) {
  const fs = yield* FileSystem.FileSystem
  const git = (...args: ReadonlyArray<string>) => run(["git", ...args], { cwd: directory, env: ownRepository })
  const skipped = (reason: string): GitOutcome => ({ status: "skipped", reason })

  if (yield* fs.exists(join(directory, ".git")).pipe(Effect.orElseSucceed(() => false))) {
    return skipped("the directory has a repository already")
  }
  const inside = yield* git("rev-parse", "--is-inside-work-tree")
  if (inside.code === undefined) return skipped("git is not installed")
  if (inside.code === 0) return skipped("the directory is inside a git repository already")
  const made = yield* git("init", "--quiet", "--initial-branch=main")
  if (made.code !== 0) return skipped(lastLines(made.output, 1) || "git init failed")

  const added = yield* git("add", "--all")
  // no signature: it may ask for a passphrase
  const committed = added.code === 0 ? yield* git("commit", "--quiet", "--no-gpg-sign", "--message", message) : added
  if (committed.code === 0) return { status: "committed" } satisfies GitOutcome as GitOutcome
  const unknown = /user\.name|user\.email|tell me who you are|identity/i.test(committed.output)
  return {
    status: "initialised",
    reason: unknown
      ? "git does not know your name; set user.name and user.email, then commit"
      : `the first commit failed: ${lastLines(committed.output, 1)}`
  } satisfies GitOutcome as GitOutcome
})

/** Files of a project that differ from the last commit, relative to its folder; empty when git cannot say. */
export const dirtyFiles = Effect.fnUntraced(function* (directory: string) {
  const status = yield* run(["git", "status", "--porcelain", "-z", "--no-renames", "--", "."], { cwd: directory })
  const prefix = yield* run(["git", "rev-parse", "--show-prefix"], { cwd: directory })
  if (status.code !== 0 || prefix.code !== 0) return []
  const above = prefix.output.trim()
  return status.output
    .split("\0")
    .map((entry) => entry.slice(3))
    .filter((path) => path.startsWith(above) && path !== "")
    .map((path) => path.slice(above.length))
})
