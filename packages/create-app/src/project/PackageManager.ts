/** The package managers that an app can be created for. */
export const names = ["npm", "pnpm", "yarn", "bun"] as const
export type PackageManager = (typeof names)[number]

export const isPackageManager = (name: string): name is PackageManager =>
  (names as ReadonlyArray<string>).includes(name)

/**
 * The package manager that started this process, from `npm_config_user_agent`
 * (`pnpm/12.21.0 npm/? node/v24.21.0 linux x64`), which all four set.
 */
export const detect = (userAgent: string | undefined): PackageManager | undefined => {
  const name = userAgent?.split("/")[0]
  return name !== undefined && isPackageManager(name) ? name : undefined
}

/** The command that installs an app's dependencies. */
export const installCommand = (manager: PackageManager): readonly [string, ...ReadonlyArray<string>] =>
  manager === "npm" ? ["npm", "install", "--no-audit", "--no-fund"] : [manager, "install"]

/** How a script of the app is run, as the user types it. */
export const runCommand = (manager: PackageManager, script: string): string => {
  if (manager === "npm") return script === "start" || script === "test" ? `npm ${script}` : `npm run ${script}`
  return manager === "bun" ? `bun run ${script}` : `${manager} ${script}`
}

/**
 * The settings file that this package manager needs to install the app without a question, or undefined.
 * `msgpackr-extract` is an optional native part of `msgpackr` with an install script that a machine without a compiler
 * cannot run; pnpm stops at a script that nobody has decided on.
 */
export const settingsFile = (
  manager: PackageManager
): { readonly path: string; readonly content: string } | undefined => {
  switch (manager) {
    case "pnpm":
      return { path: "pnpm-workspace.yaml", content: "allowBuilds:\n  msgpackr-extract: false\n" }
    case "yarn":
      return { path: ".yarnrc.yml", content: "nodeLinker: node-modules\n" }
    default:
      return undefined
  }
}
