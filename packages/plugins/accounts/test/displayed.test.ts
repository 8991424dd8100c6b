// @module-tag process
import { execFileSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const folder = fileURLToPath(new URL("../type-errors/", import.meta.url))
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc")

/** What the compiler says of each file, without places. */
const said = (): ReadonlyMap<string, string> => {
  let output = ""
  try {
    execFileSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], { cwd: folder, encoding: "utf8" })
  } catch (error) {
    output = String((error as { readonly stdout?: unknown }).stdout)
  }
  const texts = new Map<string, string>()
  let current = ""
  for (const line of output.trimEnd().split(/\r?\n/)) {
    const [, file, rest] = /^(.+?)\(\d+,\d+\): (error TS\d+: .*)$/.exec(line) ?? []
    current = file ?? current
    texts.set(current, `${texts.get(current) ?? ""}${rest ?? line}\n`)
  }
  return texts
}

const files = readdirSync(folder).filter((file) => file.endsWith(".ts"))

describe("the compiler says, about an app", () => {
  const texts = said()
  it.each(files)("%s", async (file) => {
    expect(texts.get(file), "the mistake compiles").toBeDefined()
    await expect(texts.get(file)).toMatchFileSnapshot(join(folder, file.replace(/\.ts$/, ".txt")))
  })

  it("that has accounts and no database: both names", () => {
    expect(texts.get("without-orm.ts")).toContain("accounts")
    expect(texts.get("without-orm.ts")).toContain("@mortise/core/orm/Orm")
  })

  it("nothing else", () => {
    expect([...texts.keys()].toSorted()).toEqual(files.toSorted())
  })
})
