import { assert, describe, it } from "@effect/vitest"
import { timeOf } from "../src/terminal/time.ts"

const page: string = "../public/time.js"
const inPage = (await import(page)) as { readonly timeOf: typeof timeOf }

describe("a moment", () => {
  // local time, so these are read in the time zone in which they are shown
  const now = new Date("2026-03-10T00:10:00")
  it.each([
    ["2026-03-10T00:05:59", "00:05"],
    ["2026-03-10T23:59:00", "23:59"],
    ["2026-03-09T23:59:00", "2026-03-09 23:59"],
    ["2025-03-10T00:05:00", "2025-03-10 00:05"]
  ])("%s is shown as %s, in the terminal and in the page", (at, shown) => {
    assert.strictEqual(timeOf(new Date(at), now), shown)
    assert.strictEqual(inPage.timeOf(new Date(at), now), shown)
  })
})
