import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { diff } from "../../src/migrations/internal/diff.ts"
import { inverseOf } from "../../src/migrations/internal/inverse.ts"
import { empty, fingerprint, ofModels, replay } from "../../src/migrations/SchemaState.ts"
import { modelsOf, plan } from "./models.ts"

const tablesOf = (given: Parameters<typeof modelsOf>[0]) => modelsOf(given).map(({ table }) => table)

describe("the difference between tables and models", () => {
  it("leads to the models, from nothing and from any other models", () => {
    void fc.assert(
      fc.property(plan, plan, (a, b) => {
        const first = replay(diff(empty, tablesOf(a)))
        assert.equal(fingerprint(first), fingerprint(ofModels(modelsOf(a))))
        const second = replay(diff(first, tablesOf(b)), first)
        assert.equal(fingerprint(second), fingerprint(ofModels(modelsOf(b))))
        assert.deepEqual(diff(second, tablesOf(b)), [])
      }),
      { numRuns: 300 }
    )
  })

  it("is undone by its inverse", () => {
    void fc.assert(
      fc.property(plan, plan, (a, b) => {
        const first = replay(diff(empty, tablesOf(a)))
        const operations = diff(first, tablesOf(b))
        const { obstacles, operations: back } = inverseOf(operations)
        assert.deepEqual(obstacles, [])
        assert.equal(fingerprint(replay(back, replay(operations, first))), fingerprint(first))
      }),
      { numRuns: 300 }
    )
  })
})
