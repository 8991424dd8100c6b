import fs from "node:fs"
import os from "node:os"
import path from "node:path"

let folder: string | undefined

/** A folder for sockets and caches of this run, removed when the process ends, also when it is interrupted. */
export const scratch = (): string => {
  if (folder !== undefined) return folder
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "mortise-bench-"))
  process.on("exit", () => fs.rmSync(made, { recursive: true, force: true }))
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143]
  ] as const) {
    process.once(signal, () => process.exit(code))
  }
  folder = made
  return made
}
