/** `node bench/run.ts AREA [--case TEXT] [--subject NAME …] [--quick] [--json]`; README.md says what is measured. */
import { parseArgs } from "node:util"
import { areas } from "./areas.ts"
import type { Options } from "./report/Row.ts"
import { table } from "./report/table.ts"

const usage = (): string => {
  const width = Math.max(...Object.keys(areas).map((name) => name.length))
  const list = Object.entries(areas).map(([name, area]) => `  ${name.padEnd(width)}  ${area.summary}`)
  return ["usage: npm run bench -- AREA [--case TEXT] [--subject NAME] [--quick] [--json]", "", "areas:", ...list].join(
    "\n"
  )
}

const parse = (args: ReadonlyArray<string>) =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      case: { type: "string" },
      subject: { type: "string", multiple: true },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false }
    }
  })

const main = async (): Promise<void> => {
  const { positionals, values } = parse(process.argv.slice(2))
  const [name, ...more] = positionals
  const area = name !== undefined && Object.hasOwn(areas, name) ? areas[name] : undefined
  if (area === undefined || more.length > 0) {
    const problem =
      name === undefined
        ? "an area is needed"
        : area === undefined
          ? `there is no area "${name}"`
          : "one area at a time"
    throw new Error(`${problem}\n\n${usage()}`)
  }
  const { run } = await area.load()
  const options: Options = { quick: values.quick, filter: values.case, subjects: values.subject }
  const rows = await run(options)
  if (rows.length === 0) throw new Error(`no case of ${name} matches`)
  console.log(values.json ? JSON.stringify(rows) : table(rows))
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
