import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { importsOf } from "../scripts/imports.ts"
import { isFast, tagNames, tagsOf, testFiles } from "../scripts/tags.ts"
import { help, readTestArguments } from "../scripts/testArguments.ts"
import { root } from "../scripts/workspace.ts"

describe("npm test", () => {
  it("takes filters, a name, tags and --fast together", () => {
    expect(readTestArguments(["socket", "--fast", "--tag", "kit", "--tag=unit", "-t", "closes", "orm"])).toEqual({
      filters: ["socket", "orm"],
      fast: true,
      tags: ["kit", "unit"],
      name: "closes",
      coverage: false,
      help: false
    })
  })

  it.each([
    [["--fats"], "there is no option --fats. There are -t NAME, --fast"],
    [["-x"], "there is no option -x."],
    [["--tag", "slow"], 'there is no tag "slow". There are unit, kit, service'],
    [["--tag"], "--tag is not used rightly"],
    [["--fast=yes"], "--fast is not used rightly"],
    [["--coverage", "--fast"], "--coverage runs whole packages"],
    [["--coverage", "-t", "x"], "--coverage runs whole packages"]
  ])("refuses %j in words", (args, words) => {
    const read = readTestArguments(args)
    expect(read).toBeInstanceOf(Error)
    expect((read as Error).message).toContain(words)
  })

  it("explains every option and every tag with --help", () => {
    for (const word of ["-t NAME", "--fast", "--tag TAG", "--coverage", "--help", ...tagNames])
      expect(help).toContain(word)
  })
})

describe("the tags of a test file", () => {
  it.each([
    ["packages/core/test/a.test.ts", `import { it } from "vitest"`, ["unit"]],
    ["packages/core/test/a.kit.test.ts", "", ["kit"]],
    ["packages/orm/test/kit.test.ts", "", ["kit"]],
    ["packages/core/test/toolkit.test.ts", "", ["unit"]],
    ["test/docs/a.test.ts", "", ["docs"]],
    ["packages/orm/test/b.kit.test.ts", "// @module-tag service\nimport x from 'y'", ["kit", "service"]],
    ["test/a.test.ts", "/** What.\n * @module-tag app\n * @module-tag browser */\n", ["app", "browser"]],
    ["test/a.test.ts", "import x from 'y'\n// @module-tag app", ["unit"]]
  ])("%s with %j", (file, source, tags) => {
    expect(tagsOf(file, source)).toEqual(tags)
  })

  it("are known, for every file of the workspace", () => {
    const files = testFiles()
    expect(files.length).toBeGreaterThan(100)
    const unknown = files.filter(({ tags }) => tags.some((tag) => !(tagNames as ReadonlyArray<string>).includes(tag)))
    expect(unknown).toEqual([])
    for (const tag of tagNames)
      expect(
        files.some(({ tags }) => tags.includes(tag)),
        tag
      ).toBe(true)
  })

  it("are there where a program is started, by the test or by a helper beside it", () => {
    const starters = (file: string): boolean =>
      importsOf(file, readFileSync(file, "utf8")).some(({ specifier, typeOnly }) => {
        if (typeOnly) return false
        if (specifier === "node:child_process") return true
        // what a package itself starts is for its tests to know
        const helper = path.resolve(path.dirname(file), specifier)
        return specifier.startsWith(".") && /\/test\/.*\.ts$/.test(helper) && existsSync(helper) && starters(helper)
      })
    const untagged = testFiles().filter((file) => isFast(file) && starters(path.join(root, file.path)))
    expect(untagged.map((file) => file.path)).toEqual([])
  })

  it("leave to --fast what needs nothing but Node", () => {
    expect(isFast({ path: "a", tags: ["unit", "kit"] })).toBe(true)
    expect(isFast({ path: "a", tags: ["kit", "service"] })).toBe(false)
  })
})
