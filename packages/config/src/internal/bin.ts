#!/usr/bin/env node
/** `mortise-config`: see ConfigCommand. Reads `src/app.ts` and `src/config.ts` of the folder it is started in. */
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"
import type { Composition } from "@mortise/core/app/Composition"
import * as Effect from "effect/Effect"
import * as ConfigCommand from "../ConfigCommand.ts"

const folder = process.cwd()

const load = async (name: string): Promise<Readonly<Record<string, unknown>>> => {
  const file = ["ts", "js", "mts", "mjs"].map((end) => path.join(folder, "src", `${name}.${end}`)).find(existsSync)
  return file === undefined ? {} : ((await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>)
}

const fail = (message: string, code: number): void => {
  process.stderr.write(`✗ ${message}\n`)
  process.exitCode = code
}

const version = (): string => {
  const file = new URL("../../package.json", import.meta.url)
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version
}

const main = async (): Promise<void> => {
  if (process.argv[2] === "--version") return void process.stdout.write(`${version()}\n`)
  const { app } = await load("app")
  if (typeof app !== "object" || app === null || !("plugins" in app)) {
    return fail(`There is no app here: ${path.join(folder, "src", "app.ts")} has to export \`app\`.`, 2)
  }
  const { config } = await load("config")
  const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as { readonly name?: string }
  const exit = await Effect.runPromiseExit(
    ConfigCommand.run(app as Composition<never, unknown, never>, {
      name: manifest.name ?? "app",
      ...(config === undefined ? {} : { config: config as never }),
      folder,
      args: process.argv.slice(2),
      print: (text) => void process.stdout.write(text.endsWith("\n") ? text : `${text}\n`)
    })
  )
  if (exit._tag === "Success") process.exitCode = exit.value
  else {
    const [reason] = exit.cause.reasons
    fail(reason?._tag === "Fail" ? reason.error.message : String(exit.cause), reason?._tag === "Fail" ? 2 : 1)
  }
}

await main()
