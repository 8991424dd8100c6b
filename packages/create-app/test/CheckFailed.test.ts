import { assert, describe, it } from "@effect/vitest"
import { checkFailed } from "../src/evolve/CheckFailed.ts"
import type { Wish } from "../src/evolve/Wish.ts"
import { known } from "./pluginFixture.ts"

const wish: Wish = {
  app: { root: "/", name: "x", packageJson: {}, lock: undefined, packageManager: "pnpm" },
  known,
  add: known.filter(({ name }) => name === "tasks"),
  also: [],
  remove: [],
  parts: true
}
const misses = (key: string): string =>
  `src/app.ts(7,43): error TS2345: Argument of type 'X' is not assignable to parameter of type '"✗ plugin \\"tasks\\" requires \\"${key}\\", which no plugin provides"'.`

describe("a change that does not compile", () => {
  it("is told with each sentence once, and with all that provide what is missing", () => {
    const { causes } = checkFailed(wish, [
      misses("@mortise/core/orm/Orm"),
      misses("@mortise/core/orm/Orm"),
      misses("@own/X")
    ])
    assert.deepStrictEqual(causes, [
      {
        sentence: '✗ plugin "tasks" requires "@mortise/core/orm/Orm", which no plugin provides',
        wayOut: "It comes with one of sqlite, postgres: mortise add tasks --with sqlite"
      },
      { sentence: '✗ plugin "tasks" requires "@own/X", which no plugin provides', wayOut: null }
    ])
  })

  it("names what would go", () => {
    const remove = known.filter(({ name }) => name === "sqlite")
    const { causes } = checkFailed({ ...wish, add: [], remove }, [misses("@mortise/core/orm/Orm")])
    assert.strictEqual(causes[0]?.wayOut, "It comes with sqlite, which would be removed.")
  })

  it("shows ten lines of the compiler at most, and the command for the rest", () => {
    const problems = Array.from({ length: 4 }, (_, index) => `${index}: ${"wrong ".repeat(30)}\n  why\n    why`)
    const { message } = checkFailed({ ...wish, add: [] }, problems)
    const lines = message.split("\n")
    assert.strictEqual(lines[0], "Nothing was changed: the app would not compile. The compiler says:")
    assert.strictEqual(lines.filter((line) => line.startsWith("  ")).length, 11)
    assert.include(lines, "  … and 2 more lines")
    assert.include(lines.at(-1), "`pnpm check` then shows the compiler's words in full")
    for (const line of lines.slice(1, -1)) assert.isAtMost(line.length, 80)
  })
})
