/**
 * `npm run check [-- --fix | --staged | FILTER …]`: type-checks and lints the workspace, or only the packages whose folder
 * contains a filter; `--fix` repairs first what can be repaired, `--staged` looks only at what git would commit and the
 * packages it is in.
 */
import { check, checkPackages, checkStaged } from "../checks.ts"

const known = ["--fix", "--staged"]
const args = process.argv.slice(2)
const filters = args.filter((arg) => !arg.startsWith("-"))
const unknown = args.find((arg) => arg.startsWith("-") && !known.includes(arg))
const fix = args.includes("--fix")
const staged = args.includes("--staged")
if (unknown !== undefined) {
  console.error(
    `npm run check: there is no option ${unknown}. There are ${known.join(" and ")}, and parts of packages' folders.`
  )
  process.exitCode = 2
} else if (staged && args.length > 1) {
  console.error("npm run check: --staged goes with nothing else.")
  process.exitCode = 2
} else {
  const checked = staged ? checkStaged() : filters.length > 0 ? checkPackages(filters, { fix }) : check({ fix })
  const { failed, output, passed } = await checked
  if (output) console.error(output.trimEnd())
  console.log(failed === 0 ? `all ${passed} checks passed` : `${failed} of ${passed + failed} checks failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
