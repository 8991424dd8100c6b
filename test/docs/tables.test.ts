import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { http } from "@mortise/core/http/HttpPlugin"
import { gateway } from "@mortise/core/transport/GatewayPlugin"
import { tcp, unix } from "@mortise/transport-socket"
import { websocket } from "@mortise/transport-websocket"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { catalogue } from "../../scripts/errors.ts"
import { root } from "../../scripts/workspace.ts"
import { pageAt } from "./Page.ts"

describe("docs/plugin-guide.md", () => {
  const folder = path.join(root, "packages/core/type-errors/plugin")
  /** The sentence without its names: what stands in quotes differs from case to case. */
  const shapeOf = (sentence: string) => sentence.replace(/"[^"]*"/g, `"…"`)

  const displayed = readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .map((file) => readFileSync(path.join(folder, file), "utf8").replaceAll(`\\"`, "”"))
    .flatMap((text) => [...text.matchAll(/✗ [^"]*/g)].map(([sentence]) => shapeOf(sentence.replaceAll("”", `"`))))
  const listed = [...pageAt("docs/plugin-guide.md").text.matchAll(/^\| `(✗ [^`]*)`/gm)].map(([, text = ""]) =>
    shapeOf(text)
  )

  it("lists every sentence that the compiler says about plugins, and no other", () => {
    expect([...new Set(listed)].toSorted()).toEqual([...new Set(displayed)].toSorted())
  })
})

describe("docs/plugin-guide.md", () => {
  it("shows the plugin file of health as it is", () => {
    const source = readFileSync(path.join(root, "packages/plugins/health/src/HealthPlugin.ts"), "utf8")
    const shown = pageAt("docs/plugin-guide.md").blocks.find(({ file }) => file === "health-plugin.ts")?.code
    expect(`${shown}\n`).toBe(source.replaceAll(/"\.\/(\w+)\.ts"/g, `"@mortise/plugin-health/$1"`))
  })
})

describe("docs/operations.md", () => {
  const known = [gateway, http, websocket, tcp, unix].flatMap(({ manifest: { config, name } }) => {
    const { ast } = Schema.toEncoded(config ?? Schema.Void)
    if (ast._tag !== "Objects") throw new Error(`the configuration of ${name} is no record`)
    return ast.propertySignatures.map((property) => `${name}.${String(property.name)}`)
  })

  it("lists every key of the configuration, and no other", () => {
    const rows = [
      ...pageAt("docs/operations.md").text.matchAll(/^\| (`(?:gateway|http|websocket|tcp|unix)\..*?) \|.*$/gm)
    ]
    const listed = rows.flatMap(([row]) =>
      [...row.matchAll(/`((?:gateway|http|websocket|tcp|unix)\.\w+)`/g)].map(([, key = ""]) => key)
    )
    expect(listed.toSorted()).toEqual(known.toSorted())
  })
})

describe("docs/crypto.md", async () => {
  const codes = (await catalogue()).map(({ code }) => code).filter((code) => code.startsWith("CRYPTO_"))

  it("lists every code of an error, and no other", () => {
    const listed = [...pageAt("docs/crypto.md").text.matchAll(/^\| `(CRYPTO_\w+)`/gm)].map(([, code = ""]) => code)
    expect(listed.toSorted()).toEqual(codes)
  })
})
