import { copyFile, readdir } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { lastLines, run } from "../project/Command.ts"

/** A package that is not installed could not be fetched to look at it. */
export class PackageUnavailable extends Errors.make<PackageUnavailable>()(
  "PackageUnavailable",
  { component: "create-app", code: "ADD_PACKAGE_UNAVAILABLE", status: 503, retryable: true },
  {
    packages: Schema.Array(Schema.String),
    reason: Schema.String
  }
) {
  override get message() {
    return `${this.packages.join(", ")} could not be fetched: ${this.reason}\nNothing was changed. With --no-check the result is not type-checked, and nothing has to be fetched for a plugin of Mortise.`
  }
}

/**
 * Fetches packages into a temporary folder, which goes with the scope, and gives its `node_modules`. npm does it whatever the
 * app's own package manager is, since it comes with Node; no script of a package is run, and peers are left to the app.
 */
export const fetchPackages = Effect.fnUntraced(function* (root: string, specifiers: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs
    .makeTempDirectoryScoped({ prefix: "mortise-" })
    .pipe(Effect.mapError((error) => new PackageUnavailable({ packages: specifiers, reason: error.message })))
  yield* Effect.promise(async () => {
    // the registry and its credentials are the app's
    await copyFile(join(root, ".npmrc"), join(folder, ".npmrc")).catch(() => undefined)
  })
  const outcome = yield* run(
    [
      "npm",
      "install",
      "--prefix",
      folder,
      "--ignore-scripts",
      "--legacy-peer-deps",
      "--no-audit",
      "--no-fund",
      "--no-package-lock",
      "--",
      ...specifiers
    ],
    { cwd: folder }
  )
  if (outcome.code === 0) return join(folder, "node_modules")
  return yield* new PackageUnavailable({
    packages: specifiers,
    reason: outcome.code === undefined ? "npm could not be started" : lastLines(outcome.output, 10)
  })
})

/** The packages below a `node_modules`, by name; scopes are folders of packages. */
export const packagesIn = async (modules: string): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>()
  const names = async (folder: string) =>
    (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith("."))
  for (const name of await names(modules)) {
    if (!name.startsWith("@")) found.set(name, join(modules, name))
    else for (const inner of await names(join(modules, name))) found.set(`${name}/${inner}`, join(modules, name, inner))
  }
  return found
}
