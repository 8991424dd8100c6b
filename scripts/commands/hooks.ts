/**
 * `npm run hooks [-- --off]`: turns the commit hooks of `.githooks/` on, or off again, for this clone. Nothing turns them on by
 * itself, and `git commit --no-verify` goes without them.
 */
import { setHooks } from "../hooks.ts"
import { root } from "../workspace.ts"

const { ok, words } = await setHooks(root, !process.argv.includes("--off"))
if (ok) console.log(words)
else {
  console.error(`npm run hooks: ${words}`)
  process.exitCode = 1
}
