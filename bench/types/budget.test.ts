// @module-tag process
import { expect, it } from "vitest"
import { cases, run } from "./run.ts"

it.each(cases)("$case stays within its budget of instantiations", { timeout: 120_000 }, async ({ budget, ...one }) => {
  const rows = await run({ quick: true, filter: one.case, subjects: ["mortise"] })
  const cost = rows.find(({ subject }) => subject === "mortise")
  expect(cost?.value).toBeGreaterThan(0)
  expect(cost?.value).toBeLessThanOrEqual(budget)
})
