/** A command whose work is a program of its own: that program runs in this process, with this process's arguments. */
import { existsSync } from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { root } from "./workspace.ts"

/** Runs the program at `file` (relative to the root) as if Node had been started with it. */
export const handOver = async (file: string): Promise<void> => {
  const place = path.join(root, file)
  if (!existsSync(place)) {
    console.error(`mortise: ${file} is missing from this clone.`)
    process.exitCode = 1
    return
  }
  process.argv[1] = place
  await import(pathToFileURL(place).href)
}
