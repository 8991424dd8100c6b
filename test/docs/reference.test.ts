/** The parts that the reference of the site is made of, each on small texts; `site.test.ts` looks at the whole. */
import { existsSync } from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { published, root } from "../../scripts/workspace.ts"
import { moduleDocstring, readDeclarations, withAnchors } from "../../site/src/api/declarations.ts"
import { markdownOf, type Names, parseDocstring, summaryOf } from "../../site/src/api/docstring.ts"
import { publicModules } from "../../site/src/api/modules.ts"

const noNames: Names = { link: () => undefined, code: () => undefined }

describe("public modules", () => {
  const specifiers = publicModules().map(({ specifier }) => specifier)

  it("are those that the exports of the manifests open, in every published package", () => {
    expect(specifiers).toEqual(
      expect.arrayContaining(["@mortise/core", "@mortise/core/app/Plugin", "@mortise/orm/Sqlite"])
    )
    expect(specifiers).toContain("create-mortise/template")
    const packages = new Set(publicModules().map(({ pkg }) => pkg.manifest.name))
    expect([...packages].toSorted()).toEqual(
      published()
        .map(({ manifest }) => manifest.name)
        .toSorted()
    )
  })

  it("are there, each once, and none of them is internal", () => {
    expect(new Set(specifiers).size).toBe(specifiers.length)
    expect(publicModules().filter(({ source }) => !existsSync(path.join(root, source)))).toEqual([])
    expect(specifiers.filter((specifier) => specifier.includes("/internal/"))).toEqual([])
    expect(specifiers.filter((specifier) => specifier.startsWith("create-mortise/"))).toHaveLength(1)
  })
})

describe("declarations", () => {
  const text = `
/** About the module. */
import * as Schema from "effect/Schema"
import type { Codec } from "./Codec.ts"
export { compose as put, type Composition } from "./Composition.ts"
export * as All from "./All.ts"
/** Makes one. */
export declare const make: (size: number) => Codec
declare const TooBig_base: Schema.Class<TooBig, {}, import("effect/Cause").YieldableError>
/** It is too big. */
export declare class TooBig extends TooBig_base {
  /** In bytes. */
  readonly size: number
}
/** What it holds. */
export declare const Value: Schema.String
export type Value = typeof Value.Type
interface Hidden {
  readonly a: string
}
declare function remove(): void
export { remove as delete }
export {}
`
  const { imports, items, reExports } = readDeclarations(text, parseDocstring("/** About the module. */"))
  const named = (name: string) => items.find((item) => item.name === name)

  it("are read with their docstrings, without export and declare", () => {
    expect(named("make")).toMatchObject({
      exported: true,
      kind: "function",
      code: "const make: (size: number) => Codec"
    })
    expect(named("make")?.doc?.text).toBe("Makes one.")
    expect(named("Hidden")).toMatchObject({ exported: false, kind: "interface" })
  })

  it("show the base of a class where the class is, and no name that only the compiler needs", () => {
    expect(items.map(({ name }) => name)).toEqual(["make", "TooBig", "Value", "Hidden", "delete"])
    expect(named("TooBig")?.code).toContain("class TooBig extends Schema.Class<TooBig, {}, Cause.YieldableError> {")
    expect(named("TooBig")?.code).toContain("/** In bytes. */")
  })

  it("put a Schema and the type of its values under one name", () => {
    expect(named("Value")).toMatchObject({
      kind: "value and type",
      code: "const Value: Schema.String\ntype Value = typeof Value.Type"
    })
  })

  it("know what comes from elsewhere and what goes on under another name", () => {
    expect(imports.get("Codec")).toEqual({ from: "./Codec.ts", name: "Codec" })
    expect(imports.get("Schema")).toEqual({ from: "effect/Schema", name: "*" })
    expect(reExports.map(({ from, namespace }) => [from, namespace])).toEqual([
      ["./Composition.ts", undefined],
      ["./All.ts", "All"]
    ])
    expect([...(reExports[0]?.names ?? [])]).toEqual([
      ["put", "compose"],
      ["Composition", "Composition"]
    ])
    expect(named("delete")).toMatchObject({ exported: true, code: "function remove(): void" })
  })

  it("have an anchor each, also where names differ in capitals only", () => {
    const item = (name: string) => ({ name, anchor: "", exported: true, kind: "type", doc: undefined, code: "" })
    const anchors = withAnchors(["Options", "options", "Types"].map(item)).map(({ anchor }) => anchor)
    expect(anchors).toEqual(["options", "options-1", "types-1"])
  })

  it("leave the first comment to the module only when it is about the module", () => {
    expect(moduleDocstring(`/** All. */\nimport "a"`)?.text).toBe("All.")
    expect(moduleDocstring(`/** All. */\n\n/** One. */\nexport const a = 1`)?.text).toBe("All.")
    expect(moduleDocstring("/** One. */\nexport const a = 1")).toBeUndefined()
    expect(moduleDocstring("export const a = 1")).toBeUndefined()
  })
})

describe("docstrings", () => {
  it("become text, then tags, with examples as code", () => {
    const doc = parseDocstring(
      "/**\n * Makes one. More.\n *\n * @example\n * const a = make(1)\n *\n * @default 3\n */"
    )
    expect(summaryOf(doc)).toBe("Makes one.")
    expect(markdownOf(doc, noNames)).toBe(
      "Makes one. More.\n\n**Example**\n\n```ts\nconst a = make(1)\n```\n\n**Default** 3"
    )
  })

  it("keep the lines of drawings and the blocks of code", () => {
    const doc = parseDocstring(
      "/**\n * Kinds:\n *\n *   one   →  two\n *   three →  four\n *\n * ```json\n *\n * {@a}\n * ```\n */"
    )
    expect(markdownOf(doc, noNames)).toBe("Kinds:\n\n```text\none   →  two\nthree →  four\n```\n\n```json\n\n{@a}\n```")
  })

  it("lead to what they name, and ask about every link", () => {
    const asked: Array<string> = []
    const names: Names = {
      link: (name) => (asked.push(name), name === "make" ? "/api/a.md#make" : undefined),
      code: (code) => (code === "Plugin.compose" ? "/api/p.md#compose" : undefined)
    }
    const doc = parseDocstring(
      "/** See {@link make}, {@link make the maker}, {@link gone} and `Plugin.compose`, not `x`. */"
    )
    expect(markdownOf(doc, names)).toBe(
      "See [`make`](/api/a.md#make), [the maker](/api/a.md#make), `gone` and [`Plugin.compose`](/api/p.md#compose), not `x`."
    )
    expect(asked).toEqual(["make", "make", "gone"])
  })
})
