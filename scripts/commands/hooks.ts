/**
 * `npm run hooks [-- --off]`: turns the commit hooks of `.githooks/` on, or off again, for this clone. Nothing turns them on by
 * itself, and `git commit --no-verify` goes without them.
 */
import { program } from "../Step.ts"

const off = process.argv.includes("--off")
const args = off ? ["config", "--unset", "core.hooksPath"] : ["config", "core.hooksPath", ".githooks"]
const { code, output } = await program("git", args)

// git ends with 5 where there was nothing to unset
if (code === 0 || (off && code === 5))
  console.log(off ? "the commit hooks are off" : "the commit hooks are on: .githooks/")
else {
  console.error(`npm run hooks: ${output.trim()}`)
  process.exitCode = 1
}
