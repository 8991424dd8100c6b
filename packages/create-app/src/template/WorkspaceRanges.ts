import { readdir, readFile } from "node:fs/promises"
import { dirname, join } from "node:path"

type Ranges = Readonly<Record<string, string>>
interface PackageJson {
  readonly [key: string]: unknown
}
interface Workspace {
  readonly root: string
  readonly packages?: ReadonlyArray<string>
  readonly catalog?: Ranges
  readonly catalogs?: Readonly<Record<string, Ranges>>
}

const sections = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]

/**
 * The text of a template's `package.json` with the workspace's protocols replaced by what a registry understands:
 * `workspace:*` and `workspace:^` by `^version`, `workspace:~` by `~version`, `catalog:` and `catalog:name` by the range
 * that stands in `pnpm-workspace.yaml`. Throws an Error that names the dependency which cannot be resolved.
 */
export const resolveRanges = async (folder: string, packageJson: PackageJson): Promise<string> => {
  const resolved: Record<string, unknown> = { ...packageJson }
  let workspace: Workspace | undefined
  let versions: Ranges | undefined
  for (const section of sections) {
    const ranges = packageJson[section] as Ranges | undefined
    if (ranges === undefined) continue
    const out: Record<string, string> = {}
    for (const [name, range] of Object.entries(ranges)) {
      if (!/^(workspace|catalog):/.test(range)) {
        out[name] = range
        continue
      }
      workspace ??= await readWorkspace(folder)
      versions ??= await readVersions(workspace)
      out[name] = resolve(name, range, workspace, versions)
    }
    resolved[section] = out
  }
  return `${JSON.stringify(resolved, null, 2)}\n`
}

const resolve = (name: string, range: string, workspace: Workspace, versions: Ranges): string => {
  const [protocol, rest = ""] = range.split(/:(.*)/s)
  if (protocol === "workspace") {
    const version = versions[name]
    if (version === undefined) throw new Error(`${name}: no package of the workspace has this name`)
    return rest === "*" || rest === "^" ? `^${version}` : rest === "~" ? `~${version}` : rest
  }
  const catalog = rest === "" || rest === "default" ? workspace.catalog : workspace.catalogs?.[rest]
  const found = catalog?.[name]
  if (found === undefined) throw new Error(`${name}: pnpm-workspace.yaml has no entry for "${range}"`)
  return found
}

const readWorkspace = async (folder: string): Promise<Workspace> => {
  // loaded here only: an installed create-mortise reads packed templates and needs no YAML
  const Yaml = await import("effect/encoding/Yaml")
  for (let root = folder; ; root = dirname(root)) {
    const text = await readFile(join(root, "pnpm-workspace.yaml"), "utf8").catch(() => undefined)
    if (text !== undefined) return { root, ...(Yaml.parse(text) as Omit<Workspace, "root">) }
    if (dirname(root) === root) {
      throw new Error("its package.json has workspace: or catalog: ranges, but it is in no pnpm workspace")
    }
  }
}

const readVersions = async (workspace: Workspace): Promise<Ranges> => {
  const versions: Record<string, string> = {}
  for (const pattern of workspace.packages ?? []) {
    const folders = pattern.endsWith("/*")
      ? (await readdir(join(workspace.root, pattern.slice(0, -2)), { withFileTypes: true }).catch(() => []))
          .filter((entry) => entry.isDirectory())
          .map((entry) => join(workspace.root, pattern.slice(0, -2), entry.name))
      : [join(workspace.root, pattern)]
    for (const folder of folders) {
      const text = await readFile(join(folder, "package.json"), "utf8").catch(() => undefined)
      if (text === undefined) continue
      const { name, version } = JSON.parse(text) as { readonly name?: string; readonly version?: string }
      if (name !== undefined && version !== undefined) versions[name] = version
    }
  }
  return versions
}
