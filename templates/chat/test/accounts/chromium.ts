import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A Chromium of this machine: the environment variable `CHROMIUM`, and nothing else where that is set; then PATH. */
export const findChromium = (env: NodeJS.ProcessEnv = process.env): string | { readonly missing: string } => {
  if (env.CHROMIUM)
    return isProgram(env.CHROMIUM) ? env.CHROMIUM : { missing: `CHROMIUM is ${env.CHROMIUM}, no program` }
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "")
  const found = ["chromium", "chromium-browser", "google-chrome"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isProgram)
  return found ?? { missing: "no Chromium found: set CHROMIUM, or put one on PATH" }
}
