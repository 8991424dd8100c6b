/** What each package's manifest.json says of its plugins, held against the plugins themselves. */
import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { pathToFileURL } from "node:url"
import type { Manifest } from "@mortise/core/app/Plugin"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { collect } from "../packages/create-app/src/plugin/collect.ts"
import { packages, root } from "../scripts/workspace.ts"

const plugins = await collect(root)
const folderOf = (name: string): string =>
  path.join(root, packages().find(({ manifest }) => manifest.name === name)?.folder ?? name)

/** The factory as the package exports it. */
const factoryOf = async (plugin: (typeof plugins)[number]): Promise<{ readonly manifest: Manifest }> => {
  const resolved = createRequire(path.join(folderOf(plugin.package), "package.json")).resolve(plugin.from)
  const module = (await import(pathToFileURL(resolved).href)) as Readonly<
    Record<string, { readonly manifest: Manifest }>
  >
  const factory = module[plugin.factory]
  if (factory === undefined) throw new Error(`${plugin.from} exports no ${plugin.factory}`)
  return factory
}

/** A section with the defaults of every entry; what has none gets something of its type. */
const sectionOf = (plugin: (typeof plugins)[number]): object => {
  const section: Record<string, unknown> = {}
  for (const entry of plugin.config ?? []) {
    const keys = entry.path.split(".").slice(1)
    const last = keys.pop() ?? ""
    let at = section
    for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>
    at[last] = entry.default ?? { string: "x".repeat(64), number: 1, integer: 1, boolean: true }[entry.type]
  }
  return section
}

describe("the manifests of the workspace", () => {
  it("are found", () => {
    expect(plugins.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["http", "gateway", "tcp", "unix", "websocket"])
    )
  })

  it.each(plugins.map((plugin) => [plugin.name, plugin] as const))(
    "%s is what its factory makes",
    async (_, plugin) => {
      const { manifest } = await factoryOf(plugin)
      expect(manifest.name).toBe(plugin.name)
      expect(manifest.provides.map(({ key }) => key).sort()).toEqual([...plugin.provides].sort())
      expect(manifest.requires.map(({ key }) => key).sort()).toEqual([...plugin.requires].sort())
      if (plugin.config === undefined || plugin.config.length === 0) return
      const config = manifest.config
      if (config === undefined) throw new Error(`${plugin.name} has no configuration`)
      Schema.decodeUnknownSync(config, { onExcessProperty: "error" })(sectionOf(plugin))
    }
  )

  it.each([...new Set(plugins.map((plugin) => plugin.package))])("%s publishes its manifest", (name) => {
    const packageJson = JSON.parse(readFileSync(path.join(folderOf(name), "package.json"), "utf8"))
    expect(packageJson.exports["./manifest"]).toBe("./manifest.json")
    expect(packageJson.publishConfig.exports["./manifest"]).toBe("./manifest.json")
    expect(packageJson.files).toContain("manifest.json")
    expect(existsSync(path.join(folderOf(name), "manifest.json"))).toBe(true)
  })
})
