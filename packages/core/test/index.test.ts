import { readdirSync } from "node:fs"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import * as core from "../src/index.ts"

const areas = ["app", "auth", "client", "crypto", "crypto/interop", "events", "http", "orm", "tasks", "transport"]
const modules = areas.flatMap((area) =>
  readdirSync(fileURLToPath(new URL(`../src/${area}/`, import.meta.url)))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => basename(file, ".ts"))
)

describe("the root of the package", () => {
  it("has every public module under its own name, and nothing else", () => {
    expect(Object.keys(core).toSorted()).toEqual(modules.toSorted())
  })
})
