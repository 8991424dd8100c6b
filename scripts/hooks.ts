/** The commit hooks of `.githooks/`, which are off until somebody turns them on. */
import { program } from "./Step.ts"

/** Turns them on or off for the clone at `folder`; gives a sentence about it. */
export const setHooks = async (
  folder: string,
  on: boolean
): Promise<{ readonly ok: boolean; readonly words: string }> => {
  const args = on
    ? ["config", "--local", "core.hooksPath", ".githooks"]
    : ["config", "--local", "--unset", "core.hooksPath"]
  const { code, output } = await program("git", args, { cwd: folder })
  // git ends with 5 where there was nothing to unset
  if (code === 0 || (!on && code === 5)) {
    return { ok: true, words: on ? "the commit hooks are on: .githooks/" : "the commit hooks are off" }
  }
  return { ok: false, words: output.trim() }
}
