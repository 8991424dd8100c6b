/** `npm run status [-- --write]`: compares docs/status.md with what it is made of; with `--write`, makes it anew. */
import { readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { evidence, features, problemsOf, statusPage } from "../status.ts"
import { root } from "../workspace.ts"

const place = path.join(root, "docs", "status.md")
const problems = problemsOf(features(), evidence())
const page = statusPage(features(), evidence())
if (problems.length > 0) {
  for (const problem of problems) console.error(`npm run status: ${problem}`)
  process.exitCode = 1
} else if (process.argv.includes("--write")) {
  writeFileSync(place, page)
  console.log("docs/status.md is written")
} else if (readFileSync(place, "utf8") === page) console.log("docs/status.md is as its tests are")
else {
  console.error("npm run status: docs/status.md is out of date; npm run status -- --write makes it anew.")
  process.exitCode = 1
}
