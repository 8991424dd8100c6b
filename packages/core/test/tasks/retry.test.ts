import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import * as Retry from "../../src/tasks/Retry.ts"

describe("Retry", () => {
  it("has defaults", () => {
    assert.deepStrictEqual(Retry.make(), {
      tries: 3,
      delayMillis: 1000,
      factor: 2,
      maxDelayMillis: 3_600_000,
      jitter: 0.1
    })
  })

  it("doubles the delay up to its maximum", () => {
    const retry = Retry.make({ delay: "1 second", maxDelay: "10 seconds", jitter: 0 })
    assert.deepStrictEqual(
      [1, 2, 3, 4, 5, 6].map((attempt) => Retry.delayAfter(retry, attempt, 0.9)),
      [1000, 2000, 4000, 8000, 10_000, 10_000]
    )
  })

  it("shortens and prolongs by the jitter", () => {
    const retry = Retry.make({ delay: 1000, factor: 1, jitter: 0.5 })
    assert.deepStrictEqual(
      [0, 0.5, 1].map((random) => Retry.delayAfter(retry, 7, random)),
      [500, 1000, 1500]
    )
  })

  it("never gives a delay that is negative, no number, or beyond maximum and jitter", () => {
    const policy = fc.record({
      tries: fc.integer({ min: 1, max: 100 }),
      delay: fc.integer({ min: 0, max: 1e9 }),
      factor: fc.double({ min: 1, max: 100, noNaN: true }),
      maxDelay: fc.integer({ min: 0, max: 1e9 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true })
    })
    void fc.assert(
      fc.property(
        policy,
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (p, n, r) => {
          const delay = Retry.delayAfter(Retry.make(p), n, r)
          assert.isTrue(Number.isSafeInteger(delay) && delay >= 0 && delay <= p.maxDelay * (1 + p.jitter) + 1)
        }
      )
    )
  })

  for (const [what, policy] of Object.entries({
    "no try": { tries: 0 },
    "half a try": { tries: 1.5 },
    "a factor below 1": { factor: 0.5 },
    "no factor": { factor: Number.NaN },
    "a jitter above 1": { jitter: 1.1 },
    "an endless delay": { delay: Number.POSITIVE_INFINITY }
  })) {
    it(`refuses ${what}`, () => {
      assert.throws(() => Retry.make(policy), TypeError)
    })
  }
})
