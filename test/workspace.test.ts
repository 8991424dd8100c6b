// @module-tag process
import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { homedir } from "node:os"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { has, packages, published, root } from "../scripts/workspace.ts"

const read = (file: string): string => readFileSync(path.join(root, file), "utf8")

const tracked = (): ReadonlyArray<string> =>
  execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((file) => file !== "" && existsSync(path.join(root, file)))

/** Names that would tie the clone to one machine or one registry; written so that this file does not match itself. */
const ties = (): ReadonlyArray<RegExp> => {
  const hosts = [
    ["registry", "npmjs", "org"],
    ["registry", "yarnpkg", "com"],
    ["npm", "pkg", "github", "com"]
  ]
  const own = [homedir(), root].filter((folder) => folder.split("/").length > 2)
  return [
    ...hosts.map((parts) => new RegExp(parts.join("\\."))),
    /(?:file:\/\/|(?<![\w./~$})-]))\/(?:work|farm|root|Users\/\w+|home\/\w+)\//,
    ...own.map((folder) => new RegExp(`${folder.replace(/[^\w/]/g, "\\$&")}/`))
  ]
}

const tied = (text: string): ReadonlyArray<string> => ties().flatMap((tie) => tie.exec(text)?.[0] ?? [])

describe("files tracked by git", () => {
  it("name no registry host and no absolute path of a machine", () => {
    const found = tracked().flatMap((file) => tied(read(file)).map((text) => `${file}: ${text}`))
    expect(found).toEqual([])
  })

  it.each([
    ["resolved: https://registry", ".npmjs.org/effect"].join(""),
    ["file:/", "", "root", "app"].join("/"),
    `"${["", "home", "ada", "mortise"].join("/")}"`,
    `path ${["", "work", "main"].join("/")}`
  ])("would be found with: %s", (text) => {
    expect(tied(text)).toHaveLength(1)
  })

  it.each(["./home/ada/main", "https://example.com/root/", "app/home/ada/"])("may say: %s", (text) => {
    expect(tied(text)).toEqual([])
  })
})

describe("the packages", () => {
  it("share one version", () => {
    const family = packages().filter(({ manifest }) => /^@mortise\/|^create-mortise$/.test(manifest.name))
    expect(family.length).toBeGreaterThanOrEqual(4)
    expect([...new Set(family.map(({ manifest }) => manifest.version))]).toHaveLength(1)
  })

  it("are referenced by the root tsconfig.json, so that one build makes them all", () => {
    const { references } = JSON.parse(read("tsconfig.json")) as { references: ReadonlyArray<{ path: string }> }
    const projects = packages().filter((pkg) => has(pkg, "tsconfig.json") && pkg.folder.startsWith("packages/"))
    expect(references.map(({ path }) => path).sort()).toEqual(projects.map(({ folder }) => folder).sort())
  })

  it("are known to pnpm exactly where the scripts look for them", () => {
    const lines = read("pnpm-workspace.yaml").split("\n")
    const from = lines.indexOf("packages:") + 1
    const listed = lines.slice(from, lines.indexOf("", from)).map((line) => line.replace(/^\s*- /, ""))
    for (const { folder } of packages()) {
      expect(listed, folder).toContain(listed.includes(folder) ? folder : `${path.posix.dirname(folder)}/*`)
    }
  })

  it.each(published().map((pkg) => [pkg.manifest.name, pkg] as const))("%s has what a stranger needs", (_, pkg) => {
    const manifest = JSON.parse(read(`${pkg.folder}/package.json`)) as Record<string, unknown>
    expect(manifest).toMatchObject({ license: "MIT", type: "module", engines: { node: ">=24.7" } })
    expect(manifest.description).toMatch(/\w+/)
    // there is no public repository or site yet, and an address is not invented
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(["repository"]))
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(["homepage"]))
    expect(read(`${pkg.folder}/README.md`).split("\n").length).toBeLessThanOrEqual(120)
  })

  it.each(
    published()
      .filter(({ folder }) => folder !== "packages/create-app")
      .map((pkg) => [pkg.manifest.name, pkg] as const)
  )("%s takes effect and core as peers", (_, { manifest }) => {
    expect(manifest.peerDependencies?.effect).toBe("catalog:peers")
    expect(Object.keys(manifest.dependencies ?? {})).not.toContain("effect")
    expect(Object.keys(manifest.dependencies ?? {})).not.toContain("@mortise/core")
  })
})

describe("docs/decisions", () => {
  const files = readdirSync(path.join(root, "docs/decisions")).filter((file) => file !== "README.md")

  it("are all in the list, once, and have a number of their own", () => {
    const listed = [...read("docs/decisions/README.md").matchAll(/\]\((.+?\.md)\)/g)].map(([, file]) => file)
    expect(listed.sort()).toEqual(files.sort())
    expect(new Set(files.map((file) => file.slice(0, 4))).size).toBe(files.length)
  })

  it.each(files)("%s begins with its number", (file) => {
    expect(read(`docs/decisions/${file}`)).toMatch(new RegExp(`^# ${file.slice(0, 4)}: `))
  })
})
