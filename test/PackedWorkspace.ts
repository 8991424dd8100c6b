/** The packed packages on a registry of their own, and a folder outside the workspace, for tests that do what a stranger does. */
import { join } from "node:path"
import { removeFolder, temporaryFolder } from "../scripts/demo/App.ts"
import { forgetOthers, must, npmEnvironment } from "../scripts/demo/npm.ts"
import { packPackages } from "../scripts/demo/packages.ts"
import { serveRegistry } from "../scripts/demo/registry.ts"
import { root } from "../scripts/workspace.ts"

export interface PackedWorkspace extends AsyncDisposable {
  /** For apps; goes at the end. */
  readonly folder: string
  /** The environment of npm and pnpm, with the registry. */
  readonly env: Record<string, string>
  /** Runs the packed `mortise` in an app; gives what it printed. */
  readonly mortise: (app: string, ...args: ReadonlyArray<string>) => Promise<string>
}

/** Packs the packages, when they have changed, and serves them. */
export const servePackedWorkspace = async (): Promise<PackedWorkspace> => {
  const { hash, versions } = await packPackages()
  const upstream = await must(["npm", "config", "get", "registry"], { cwd: root, env: process.env })
  const registry = await serveRegistry(versions, upstream.trim().split("\n").at(-1) ?? "")
  const folder = temporaryFolder()
  const npm = npmEnvironment(registry.url)
  forgetOthers(npm.npm_config_cache ?? "", hash)
  const env = {
    ...npm,
    pnpm_config_registry: registry.url,
    pnpm_config_store_dir: join(root, ".toolchain", "store")
  }
  return {
    folder,
    env,
    mortise: (app, ...args) =>
      must(["npm", "exec", "--yes", "--package=create-mortise@latest", "--", "mortise", ...args], { cwd: app, env }),
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]()
      removeFolder(folder)
    }
  }
}
