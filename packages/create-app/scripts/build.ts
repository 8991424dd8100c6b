/**
 * Builds what is published: the two commands as a bundle in `dist/` (Effect inside, ts-morph loaded from the package's
 * dependencies when a plan is made), the workspace's templates in `dist/templates/`, its plugins in
 * `dist/plugins.json`, and the type of manifests.
 */
import { spawnSync } from "node:child_process"
import { chmod, mkdir, rm, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { rolldown } from "rolldown"
import { collect } from "../src/plugin/collect.ts"
import { storedPath } from "../src/template/TemplateFile.ts"
import { readFolder, templateFolders } from "../src/template/TemplateFolder.ts"
import { decodeManifest } from "../src/template/TemplateSchema.ts"

const root = join(import.meta.dirname, "..")
const dist = join(root, "dist")

const bundle = async (): Promise<void> => {
  const build = await rolldown({
    input: {
      mortise: join(root, "src/bin/mortise.ts"),
      "create-mortise": join(root, "src/bin/create-mortise.ts")
    },
    platform: "node",
    external: [/^node:/, "ts-morph"],
    treeshake: true,
    logLevel: "warn"
  })
  await build.write({
    dir: dist,
    format: "esm",
    entryFileNames: "bin/[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    // the messages of errors carry the names of classes
    keepNames: true
  })
  await build.close()
  await Promise.all(["mortise", "create-mortise"].map((name) => chmod(join(dist, "bin", `${name}.js`), 0o755)))
}

/** Copies the templates, with ranges resolved, and writes the index that the bundle reads. */
const packTemplates = async (): Promise<void> => {
  const target = join(dist, "templates")
  const index = []
  for (const folder of await templateFolders(join(root, "..", "..", "templates"))) {
    const { files, manifest, version } = await readFolder(folder)
    const { name } = decodeManifest(manifest)
    for (const file of files) {
      const path = join(target, name, storedPath(file.path))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, file.content)
    }
    index.push({ manifest, version, files: files.map(({ executable, path }) => ({ path, executable })) })
  }
  await mkdir(target, { recursive: true })
  await writeFile(join(target, "index.json"), JSON.stringify(index))
}

/** Writes down the plugins of the workspace's packages, so that their names are known without asking a registry. */
const packPlugins = async (): Promise<void> => {
  await mkdir(dist, { recursive: true })
  await writeFile(join(dist, "plugins.json"), JSON.stringify(await collect(join(root, "..", ".."))))
}

const emitTypes = (): void => {
  const typescript = createRequire(import.meta.url).resolve("typescript/package.json")
  const tsc = join(dirname(typescript), "bin", "tsc")
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", join(root, "tsconfig.json")], { encoding: "utf8" })
  if (status !== 0) throw new Error(`tsc failed:\n${stdout}`)
}

await rm(dist, { recursive: true, force: true })
await Promise.all([bundle(), packTemplates(), packPlugins()])
emitTypes()
