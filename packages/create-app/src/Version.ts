import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** The package.json of create-mortise: the nearest above this file, which in the bundle lies deeper than in the source. */
const packageJson = (directory: string): string => {
  const path = join(directory, "package.json")
  return existsSync(path) ? path : packageJson(dirname(directory))
}

/** Version of create-mortise, which all packages of Mortise share. */
export const version: string = (
  JSON.parse(readFileSync(packageJson(import.meta.dirname), "utf8")) as { readonly version: string }
).version
