/** `npm run release -- --check [NAME …]`: the checklist of docs/releasing.md. It publishes nothing and changes nothing. */
import { parseArgs } from "node:util"
import { bench } from "../release/bench.ts"
import { type Check, runChecks } from "../release/Check.ts"
import { changelog } from "../release/changelog.ts"
import { alone, api, clean, lint } from "../release/packageChecks.ts"

/** By the word that chooses one. In this order, the quick ones first. */
const checks: Readonly<Record<string, Check>> = { tree: clean, changelog, api, lint, alone, bench }

const usage = `npm run release -- --check [NAME …]

Runs the checklist of docs/releasing.md, or the parts that are named. It publishes nothing and changes nothing.

${Object.entries(checks)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join("\n")}`

const read = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { check: { type: "boolean", default: false }, help: { type: "boolean", default: false } }
    })
  } catch (error) {
    return error as Error
  }
}

const args = read()
const unknown = args instanceof Error ? [] : args.positionals.filter((name) => checks[name] === undefined)
if (args instanceof Error || unknown.length > 0) {
  console.error(
    `npm run release: ${args instanceof Error ? args.message : `there is no check ${unknown.join(", ")}`}\n\n${usage}`
  )
  process.exitCode = 2
} else if (args.values.help || !args.values.check) {
  console.log(usage)
  process.exitCode = args.values.help ? 0 : 2
} else {
  const names = args.positionals.length === 0 ? Object.keys(checks) : args.positionals
  const broken = await runChecks(
    names.flatMap((name) => checks[name] ?? []),
    (line) => console.log(line)
  )
  console.log(broken.length === 0 ? "ready to release" : `not ready to release: ${broken.join(", ")}`)
  process.exitCode = broken.length === 0 ? 0 : 1
}
