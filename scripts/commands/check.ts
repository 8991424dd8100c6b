/**
 * `npm run check [-- --fix | --staged]`: type-checks and lints the workspace; `--fix` repairs first what can be repaired,
 * `--staged` looks only at what git would commit and the packages it is in.
 */
import { check, checkStaged } from "../checks.ts"

const known = ["--fix", "--staged"]
const unknown = process.argv.slice(2).find((arg) => !known.includes(arg))
if (unknown !== undefined) {
  console.error(`npm run check: there is no option ${unknown}. There are ${known.join(" and ")}.`)
  process.exitCode = 2
} else {
  const staged = process.argv.includes("--staged")
  const { failed, passed } = await (staged ? checkStaged() : check({ fix: process.argv.includes("--fix") }))
  console.log(failed === 0 ? `all ${passed} checks passed` : `${failed} of ${passed + failed} checks failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
