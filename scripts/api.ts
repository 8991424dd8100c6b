/** The reports in `api/`: one page for each published package, kept beside the sources so that a diff shows what users will see. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { apiReport } from "./api/report.ts"
import { withLock } from "./bootstrap/lock.mjs"
import { installed, program } from "./Step.ts"
import { type Package, published, root } from "./workspace.ts"

/** `@mortise/transport-socket` → `api/transport-socket.md`. */
export const reportOf = ({ manifest }: Package): string => `api/${manifest.name.replace(/^@mortise\//, "")}.md`

/** Builds the declarations, waiting for whoever packs or builds at the same time. */
const build = (): Promise<void> =>
  withLock(
    path.join(root, ".toolchain", "pack.lock"),
    async () => {
      const { code, output } = await program(installed("tsc"), ["-b"], { cwd: root })
      if (code !== 0) throw new Error(`the packages do not compile:\n${output}`)
    },
    "building"
  )

/** The reports as the sources are now, by file. */
export const freshReports = async (): Promise<ReadonlyMap<string, string>> => {
  await build()
  return new Map(published().map((pkg) => [reportOf(pkg), apiReport(pkg)]))
}

/** The reports as they are kept. */
export const keptReports = (): ReadonlyMap<string, string> => {
  const folder = path.join(root, "api")
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".md")) : []
  return new Map(files.map((file) => [`api/${file}`, readFileSync(path.join(folder, file), "utf8")]))
}

export const writeReports = (reports: ReadonlyMap<string, string>): void => {
  mkdirSync(path.join(root, "api"), { recursive: true })
  for (const file of keptReports().keys()) if (!reports.has(file)) rmSync(path.join(root, file))
  for (const [file, text] of reports) writeFileSync(path.join(root, file), text)
}

const firstDifference = (kept: string, fresh: string): string => {
  const [before, after] = [kept.split("\n"), fresh.split("\n")]
  const at = after.findIndex((line, index) => line !== before[index])
  return at === -1
    ? `after line ${after.length} more is kept than there is`
    : `line ${at + 1} would be: ${after[at]?.trim()}`
}

/** What differs between what is kept and what is, one line for each file. */
export const differences = (
  kept: ReadonlyMap<string, string>,
  fresh: ReadonlyMap<string, string>
): ReadonlyArray<string> => [
  ...[...fresh].flatMap(([file, text]) => {
    const before = kept.get(file)
    if (before === text) return []
    return [before === undefined ? `${file} is missing` : `${file} is out of date: ${firstDifference(before, text)}`]
  }),
  ...[...kept.keys()].filter((file) => !fresh.has(file)).map((file) => `${file} is of no published package`)
]
