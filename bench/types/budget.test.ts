import { expect, it } from "vitest"
import { budget, run } from "./run.ts"

it("composes 200 plugins within the budget of instantiations", { timeout: 120_000 }, async () => {
  const rows = await run({ quick: true, subjects: ["mortise"] })
  const cost = rows.find(({ subject }) => subject === "mortise")
  expect(cost?.value).toBeGreaterThan(0)
  expect(cost?.value).toBeLessThanOrEqual(budget)
})
