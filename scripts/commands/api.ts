/** `npm run api [-- --write]`: compares the reports in `api/` with the packages; with `--write`, makes them anew. */
import { readFileSync } from "node:fs"
import path from "node:path"
import { changedFiles, withoutChangeset } from "../api/changes.ts"
import { differences, freshReports, keptReports, reportOf, writeReports } from "../api.ts"
import { published, root } from "../workspace.ts"

const fresh = await freshReports()
const found = differences(keptReports(), fresh)
if (process.argv.includes("--write")) writeReports(fresh)

for (const difference of found) console.log(process.argv.includes("--write") ? `written: ${difference}` : difference)
if (found.length === 0) console.log(`${fresh.size} reports are as the packages are`)
else if (!process.argv.includes("--write")) {
  console.error("npm run api: look at what changes for users, then npm run api -- --write")
  process.exitCode = 1
}

const names = new Map(published().map((pkg) => [reportOf(pkg), pkg.manifest.name]))
const missing = withoutChangeset(await changedFiles(), names, (file) => readFileSync(path.join(root, file), "utf8"))
for (const sentence of missing) {
  console.error(`npm run api: ${sentence}`)
  process.exitCode = 1
}
