import { execFile } from "node:child_process"
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const bench = dirname(dirname(fileURLToPath(import.meta.url)))
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc")

// from the base: the bench's own tsconfig would include the whole bench beside the one file
const tsconfig = (types: ReadonlyArray<string>) => ({
  extends: join(dirname(bench), "tsconfig.base.json"),
  compilerOptions: {
    rootDir: "/",
    types,
    noEmit: true,
    composite: false,
    incremental: false,
    declaration: false,
    declarationMap: false
  },
  files: ["app.ts"]
})

const compile = (folder: string): Promise<string> =>
  new Promise((resolve, reject) => {
    // one checker: with several, what they have in common is counted once for each
    const args = [compiler, "-p", folder, "--singleThreaded", "--extendedDiagnostics", "--pretty", "false"]
    execFile(process.execPath, args, { maxBuffer: 1 << 24 }, (error, output, complaint) =>
      error === null ? resolve(output) : reject(new Error(`tsc failed:\n${output}${complaint}`))
    )
  })

/**
 * How many types the checker of TypeScript instantiates for a source text; the same at every run. `types` are packages of
 * `@types` that are global in it.
 */
export const instantiations = async (source: string, types: ReadonlyArray<string> = []): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), "mortise-types-"))
  try {
    await symlink(join(bench, "node_modules"), join(folder, "node_modules"), "junction")
    await writeFile(join(folder, "package.json"), `{ "type": "module" }`)
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(tsconfig(types)))
    await writeFile(join(folder, "app.ts"), source)
    const [, count] = /^Instantiations:\s+(\d+)$/m.exec(await compile(folder)) ?? []
    if (count === undefined) throw new Error("tsc printed no number of instantiations")
    return Number(count)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
