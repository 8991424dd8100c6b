/** Folders inside the workspace in which the code of the pages is compiled and run, so that `@mortise/*` resolves. */
import { spawn } from "node:child_process"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { installed, program } from "../../scripts/Step.ts"
import { root } from "../../scripts/workspace.ts"

/** The options of the templates: what compiles here compiles in an app. */
const compilerOptions = {
  target: "es2024",
  lib: ["es2024", "esnext.disposable"],
  module: "nodenext",
  moduleDetection: "force",
  types: ["node"],
  noEmit: true,
  allowImportingTsExtensions: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noFallthroughCasesInSwitch: true,
  noImplicitOverride: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  skipLibCheck: true
}

/** A folder of its own under `.toolchain`, which git and vitest leave alone. */
export const makeFolder = async (name: string): Promise<string> => {
  const under = path.join(root, ".toolchain", "docs")
  await mkdir(under, { recursive: true })
  const folder = await mkdtemp(path.join(under, `${name}-`))
  await write(folder, "package.json", `{ "private": true, "type": "module" }`)
  return folder
}

export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

export const write = async (folder: string, file: string, text: string): Promise<void> => {
  const full = path.join(folder, file)
  await mkdir(path.dirname(full), { recursive: true })
  await writeFile(full, text)
}

/** What the compiler says about the folder's files, one problem a line; empty when nothing. */
export const compile = async (folder: string): Promise<string> => {
  await write(
    folder,
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: { ...compilerOptions, paths: { "create-mortise/template": manifestType } },
      include: ["**/*.ts"]
    })
  )
  const { code, output } = await program(installed("tsc"), ["-p", folder, "--pretty", "false"], { cwd: folder })
  return code === 0 ? "" : output.trim() || `tsc ended with ${code}`
}

/** The one module in the pages that the root does not depend on. */
const manifestType = [path.join(root, "packages/create-app/src/template/Template.ts")]

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a file with Node until it ends, or for 20 seconds at most. */
export const run = (
  folder: string,
  file: string,
  variables: Record<string, string> = {},
  args: ReadonlyArray<string> = []
): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "", ...variables }
    const child = spawn(process.execPath, [file, ...args], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 20_000
    })
    let out = ""
    let err = ""
    child.stdout.on("data", (chunk) => (out += String(chunk)))
    child.stderr.on("data", (chunk) => (err += String(chunk)))
    child.on("close", (code) => resolve({ code, out, err }))
  })
