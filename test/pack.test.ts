// @module-tag app
/**
 * Each published package, packed and installed alone with its peers outside the workspace, as a stranger gets it: nothing
 * in it may resolve to TypeScript sources, to the workspace, or to a package that it does not declare.
 */
import { execFile } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { pack } from "../scripts/pack.ts"
import { type Manifest, type Package, packages, published, root } from "../scripts/workspace.ts"

const run = promisify(execFile)
/** What a dependency's own declarations get wrong is for its makers; what ours make of them is ours. */
const isOfOthers = (line: string): boolean =>
  /^node_modules\/(?!(?:\.pnpm\/@mortise\+[^/]*\/node_modules\/)?@mortise\/)/.test(line)

const bounded = 240_000

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "mortise-pack-"))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const packed = new Map<string, Promise<string>>()

/** The tarball of a package of this workspace, made once. */
const tarballOf = (pkg: Package): Promise<string> => {
  const { name } = pkg.manifest
  const made =
    packed.get(name) ?? pack(path.join(folder, "tarballs"), [pkg]).then(([tarball]) => `file:${tarball?.file}`)
  packed.set(name, made)
  return made
}

const catalogVersion = (name: string): string => {
  const line = readFileSync(path.join(root, "pnpm-workspace.yaml"), "utf8")
    .split("\n")
    .find((line) => line.trim().replaceAll('"', "").startsWith(`${name}: `))
  return line?.split(": ")[1]?.trim() ?? "latest"
}

/** Installs the package with its peers, and Node's types because its own speak of them; gives the folder. */
const installAlone = async ({ folder: own, manifest }: Package): Promise<{ home: string; place: string }> => {
  const home = path.join(folder, path.basename(own))
  await mkdir(home, { recursive: true })
  const dependencies: Record<string, string> = { "@types/node": catalogVersion("@types/node") }
  const peers = Object.keys(manifest.peerDependencies ?? {})
  for (const name of [
    manifest.name,
    ...peers.filter((peer) => manifest.peerDependenciesMeta?.[peer]?.optional !== true)
  ]) {
    const sibling = packages().find((pkg) => pkg.manifest.name === name)
    dependencies[name] = sibling === undefined ? catalogVersion(name) : await tarballOf(sibling)
  }
  await writeFile(
    path.join(home, "package.json"),
    JSON.stringify({ name: "alone", private: true, type: "module", dependencies })
  )
  const store = path.join(root, ".toolchain", "store")
  await run("pnpm", ["install", "--prefer-offline", "--ignore-workspace", "--ignore-scripts", "--store-dir", store], {
    cwd: home
  })
  return { home, place: path.join(home, "node_modules", manifest.name) }
}

type Conditions = string | null | { readonly [condition: string]: Conditions }

const targetsOf = (conditions: Conditions): ReadonlyArray<string> =>
  conditions === null
    ? []
    : typeof conditions === "string"
      ? [conditions]
      : Object.values(conditions).flatMap(targetsOf)

/** The public modules: every specifier that the exports map lets through, with `*` filled in from the files. */
const publicModules = (place: string, manifest: Manifest): ReadonlyArray<string> => {
  const exports = manifest.exports as Readonly<Record<string, Conditions>>
  return Object.entries(exports).flatMap(([key, conditions]) => {
    const code = targetsOf(conditions).find((target) => target.endsWith(".js"))
    if (code === undefined) return []
    if (!code.includes("*")) return [path.posix.join(manifest.name, key)]
    const [before = "", after = ""] = code.split("*")
    return globSync(code.replace("*", "**/*"), { cwd: place })
      .map((file) => `./${file.replaceAll(path.sep, "/")}`.slice(before.length, -after.length))
      .filter((name) => !name.split("/").includes("internal"))
      .map((name) => path.posix.join(manifest.name, key.replace("*", name)))
  })
}

const node = async (home: string, code: string): Promise<string> => {
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], { cwd: home })
  return stdout
}

describe.each(published().map((pkg) => [pkg.manifest.name, pkg] as const))("%s, installed alone", (name, pkg) => {
  let home: string
  let place: string
  let manifest: Manifest

  beforeAll(async () => {
    ;({ home, place } = await installAlone(pkg))
    manifest = JSON.parse(await readFile(path.join(place, "package.json"), "utf8")) as Manifest
  }, bounded)

  it("has licence and README, and no source", () => {
    const files = globSync("**/*", { cwd: place, exclude: (file) => file === "node_modules" })
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]))
    const apps = "dist/templates/"
    const unwanted = files.filter(
      (file) => /(?<!\.d)\.[mc]?tsx?$|tsbuildinfo$|^(test|src)\b/.test(file) && !file.startsWith(apps)
    )
    expect(unwanted).toEqual([])
  })

  it("names versions that a registry understands", () => {
    expect(JSON.stringify(manifest)).not.toMatch(/workspace:|catalog:|"file:|"link:/)
    expect(manifest.peerDependencies?.effect ?? "~4.1.0").toBe("~4.1.0")
  })

  it("points its entry points at files that exist and are built", () => {
    const exports = manifest.exports as Readonly<Record<string, Conditions>>
    const targets = [...Object.values(exports).flatMap(targetsOf), ...Object.values(manifest.bin ?? {})]
    expect(targets.length).toBeGreaterThan(0)
    for (const target of targets) {
      expect(target).toMatch(/\.(js|d\.ts|json)$/)
      expect(globSync(target.replace("*", "**/*"), { cwd: place }), target).not.toEqual([])
    }
  })

  it(
    "imports in Node, module by module, without a TypeScript file",
    async () => {
      // a test runner's module works only inside that runner; that it resolves is all that can be asked here
      const modules = publicModules(place, manifest)
      const code = `
      const modules = ${JSON.stringify(modules)}
      for (const name of modules) {
        const place = import.meta.resolve(name)
        if (!place.endsWith(".js") || !place.includes("/node_modules/")) throw new Error(name + " resolves to " + place)
        if (!/\\/testing\\/vitest/.test(name)) await import(name)
      }
      console.log(modules.length)`
      expect(await node(home, code)).toBe(`${modules.length}\n`)
      if (pkg.folder !== "packages/create-app") expect(modules.length).toBeGreaterThan(0)
    },
    bounded
  )

  it(
    "type-checks for a strict consumer, from declarations alone",
    async () => {
      const modules = publicModules(place, manifest)
      const source = modules.map((module, i) => `import * as m${i} from "${module}"\nvoid m${i}\n`).join("")
      await writeFile(path.join(home, "consumer.ts"), `${source}export {}\n`)
      const options = [
        "--noEmit",
        "--strict",
        "--exactOptionalPropertyTypes",
        "--module",
        "nodenext",
        "--target",
        "es2024"
      ]
      const tsc = path.join(root, "node_modules", ".bin", "tsc")
      const args = [
        ...options,
        "--lib",
        "es2024,esnext.disposable,dom",
        "--types",
        "node",
        "--listFiles",
        "consumer.ts"
      ]
      const stdout = await run(tsc, args, { cwd: home, maxBuffer: 1 << 26 }).then(
        ({ stdout }) => stdout,
        (error: { stdout: string }) => error.stdout
      )
      const errors = stdout.split("\n").filter((line) => line.includes("error TS") && !isOfOthers(line))
      expect(errors).toEqual([])
      const read = stdout.split("\n").filter((line) => /\.[mc]?tsx?$/.test(line) && !line.endsWith("/consumer.ts"))
      expect(read.filter((file) => !/\.d\.[mc]?ts$/.test(file))).toEqual([])
      expect(read.filter((file) => file.startsWith(`${root}/packages/`))).toEqual([])
    },
    bounded
  )

  if (pkg.folder !== "packages/create-app")
    it("keeps every internal/ closed", async () => {
      const inside = globSync("dist/**/internal/**/*.js", { cwd: place })
      const specifiers = inside.map((file) => `${name}/${file.slice("dist/".length, -".js".length)}`)
      const code = `
      for (const name of ${JSON.stringify(specifiers)}) {
        const code = await import(name).then(() => "open", (error) => error.code)
        if (code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") console.log(name, code)
      }`
      expect(await node(home, code)).toBe("")
    })

  if (pkg.manifest.bin !== undefined)
    it("starts its programs", async () => {
      for (const bin of Object.keys(manifest.bin ?? {})) {
        const { stdout } = await run(path.join(home, "node_modules", ".bin", bin), ["--version"], { cwd: home })
        expect(stdout, bin).toContain(manifest.version)
      }
    })
})
