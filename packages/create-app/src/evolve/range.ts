import type { KnownPlugin } from "../plugin/KnownPlugin.ts"
import type { PackageJson } from "./App.ts"

/** The package whose range every other package of Mortise takes: they share one version. */
const core = "@mortise/core"

/** The range under which a plugin's package becomes a dependency. */
export const rangeOf = (plugin: KnownPlugin, packageJson: PackageJson): string => {
  const range = packageJson.dependencies?.[core] ?? packageJson.devDependencies?.[core]
  // a path or an address is that of one package
  const isRange = range !== undefined && /^(?:workspace:[\^~*]|catalog:|[\^~>=<\d*])/.test(range)
  return plugin.package.startsWith("@mortise/") && isRange ? range : `^${plugin.version}`
}
