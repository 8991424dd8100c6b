/** `npm run errors`: writes docs/errors.md from the error classes; says which codes have no entry yet. */
import { readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { catalogue, entriesPage, page, render } from "../errors.ts"
import { root } from "../workspace.ts"

const entries = await catalogue()
const before = readFileSync(path.join(root, page), "utf8")
const after = render(entries)
if (before !== after) writeFileSync(path.join(root, page), after)
console.log(`${page}: ${entries.length} codes, ${before === after ? "as it was" : "written"}`)

const explained = readFileSync(path.join(root, entriesPage), "utf8")
const missing = entries.filter(({ code }) => !explained.includes(`\n### \`${code}\`\n`))
for (const { className, code, file } of missing)
  console.log(`${entriesPage} has no entry for ${code} (${className}, ${file})`)
process.exitCode = missing.length === 0 ? 0 : 1
