/**
 * What the tests of each package reach of its code, held to floors. Each package is measured with its own tests alone, as it
 * is published alone; what children of a test run does not count, because V8 counts within a process.
 */
import { readFile, rm } from "node:fs/promises"
import path from "node:path"
import { type Outcome, total } from "./Step.ts"
import { vitest } from "./vitest.ts"
import { has, type Package, packages, root } from "./workspace.ts"

export interface Floor {
  readonly name: string
  /** Which files count, by their path relative to the root. */
  readonly files: RegExp
  /** Per cent of the lines that must be reached. */
  readonly lines: number
}

/** The floor of a package as a whole. */
const ofPackages = 80

/** Floors of single packages that do not hold `ofPackages`; each with the reason. */
const exceptions: Readonly<Record<string, number>> = {}

/** Parts that hold more than their package must: what every byte passes, and what every app is composed with. */
const parts: ReadonlyArray<Floor> = [
  { name: "the data path", files: /^packages\/core\/src\/transport\//, lines: 95 },
  {
    name: "Plugin",
    files:
      /^packages\/core\/src\/app\/(?:Plugin|Composition|Contribution|internal\/(?:start|order|doors|culprit|problems|statics))\.ts$/,
    lines: 95
  }
]

/** The floors that a package is held to. */
export const floorsOf = (folder: string): ReadonlyArray<Floor> => [
  { name: folder, files: new RegExp(`^${folder}/src/`), lines: exceptions[folder] ?? ofPackages },
  ...parts.filter(({ files }) => files.source.replaceAll("\\/", "/").startsWith(`^${folder}/`))
]

export interface Covered {
  readonly total: number
  readonly covered: number
}

/** One line about a floor, and whether it holds. A floor that no file stands on is broken: it would hold nothing. */
export const judge = (
  floor: Floor,
  files: ReadonlyMap<string, Covered>
): { readonly holds: boolean; readonly line: string } => {
  const counted = [...files].filter(([file]) => floor.files.test(file)).map(([, lines]) => lines)
  const all = counted.reduce((sum, lines) => sum + lines.total, 0)
  const covered = counted.reduce((sum, lines) => sum + lines.covered, 0)
  if (all === 0) return { holds: false, line: `✗ ${floor.name}: no file was measured` }
  const percent = (100 * covered) / all
  const holds = percent >= floor.lines
  // rounded down, so that what is shown is never more than what is
  const shown = (Math.floor(percent * 10) / 10).toFixed(1)
  return {
    holds,
    line: `${holds ? "✓" : "✗"} ${floor.name}: ${shown} % of ${all} lines, the floor is ${floor.lines} %`
  }
}

const read = async (file: string): Promise<ReadonlyMap<string, Covered>> => {
  const summary = JSON.parse(await readFile(file, "utf8")) as Record<string, { readonly lines: Covered }>
  const files = Object.entries(summary).filter(([name]) => name !== "total")
  return new Map(files.map(([name, { lines }]) => [path.relative(root, name).replaceAll(path.sep, "/"), lines]))
}

const measure = async ({ folder }: Package): Promise<Outcome> => {
  const reports = path.join("coverage", folder.replace(/^packages\//, "").replaceAll("/", "-"))
  await rm(path.join(root, reports), { recursive: true, force: true })
  const outcome = await vitest([`${folder}/test/`], {
    args: [
      "--coverage.enabled",
      "--coverage.provider=v8",
      `--coverage.include=${folder}/src/**/*.ts`,
      // conformance kits are tests themselves
      `--coverage.exclude=${folder}/src/testing/**`,
      `--coverage.reportsDirectory=${reports}`,
      "--coverage.reporter=json-summary",
      "--coverage.reporter=html",
      "--coverage.reportOnFailure"
    ]
  })
  const files = await read(path.join(root, reports, "coverage-summary.json")).catch(() => new Map<string, Covered>())
  const judged = floorsOf(folder).map((floor) => judge(floor, files))
  for (const { line } of judged) console.log(line)
  console.log(`  every line: ${reports}/index.html`)
  const broken = judged.filter(({ holds }) => !holds).length
  return total([outcome, { passed: judged.length - broken, failed: broken }])
}

/** Measures the packages whose folder contains one of `filters`, or all, one after the other. */
export const coverage = async (filters: ReadonlyArray<string>): Promise<Outcome> => {
  const measured = packages().filter((pkg) => pkg.folder.startsWith("packages/") && has(pkg, "src") && has(pkg, "test"))
  const chosen = measured.filter(({ folder }) => filters.length === 0 || filters.some((part) => folder.includes(part)))
  if (chosen.length === 0) {
    console.error(
      `npm test: no package is meant by ${filters.join(" ")}. There are ${measured.map(({ folder }) => folder).join(", ")}.`
    )
    return { passed: 0, failed: 1 }
  }
  const outcomes: Array<Outcome> = []
  for (const pkg of chosen) outcomes.push(await measure(pkg))
  return total(outcomes)
}
