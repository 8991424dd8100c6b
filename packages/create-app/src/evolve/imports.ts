import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { isIgnored } from "../project/ignored.ts"
import { isCode } from "../template/CodeProject.ts"
import type { Plan } from "../workspace/Plan.ts"

/** The packages of these names that code of an app imports, as it will be after a plan. */
export const importedPackages = async (plan: Plan, names: ReadonlySet<string>): Promise<ReadonlySet<string>> => {
  const found = new Set<string>()
  const planned = new Map(plan.changes.map((change) => [change.path, change]))
  const look = (text: string): void => {
    for (const name of names) {
      if (["'", '"', "/"].some((end) => text.includes(`"${name}${end}`) || text.includes(`'${name}${end}`)))
        found.add(name)
    }
  }
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(plan.root, folder), { withFileTypes: true }).catch(() => [])) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory() && !isIgnored(entry.name)) await walk(path)
      else if (entry.isFile() && isCode(entry.name) && !planned.has(path))
        look(await readFile(join(plan.root, path), "utf8"))
    }
  }
  for (const { content, path } of plan.changes) if (isCode(path)) look(content)
  if (names.size > 0) await walk("")
  return found
}
