import type { Plan } from "../workspace/Plan.ts"

const size = (bytes: number): string => (bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} kB`)

/**
 * A plan as a tree for people: folders first met, files with what happens to them and their size.
 */
export const planTree = (plan: Plan): string => {
  const lines: Array<string> = [plan.root]
  let open: ReadonlyArray<string> = []
  const sorted = [...plan.changes].sort((a, b) => (a.path < b.path ? -1 : 1))
  for (const change of sorted) {
    const segments = change.path.split("/")
    const folders = segments.slice(0, -1)
    folders.forEach((folder, depth) => {
      if (folders.slice(0, depth + 1).join("/") !== open.slice(0, depth + 1).join("/")) {
        lines.push(`${"  ".repeat(depth + 1)}${folder}/`)
      }
    })
    open = folders
    const sign = { create: "+", update: "~", delete: "-" }[change.kind]
    lines.push(`${"  ".repeat(segments.length)}${sign} ${segments.at(-1)} (${size(change.bytes.length)})`)
  }
  const bytes = plan.changes.reduce((total, change) => total + change.bytes.length, 0)
  return `${lines.join("\n")}\n${plan.changes.length} files, ${size(bytes)}. Nothing was written.`
}
