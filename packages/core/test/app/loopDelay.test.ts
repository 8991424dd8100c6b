// @module-tag process
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LoopDelay from "../../src/app/LoopDelay.ts"
import { Run } from "./processes/Run.ts"

const file = fileURLToPath(new URL("processes/heldUp.ts", import.meta.url))

const certain = (what: string) => ({ what, certain: true })
const perhaps = (what: string) => ({ what, certain: false })

describe("LoopDelay", () => {
  it.each([
    [[], "the event loop was held up for 312 ms by nothing that was watched"],
    [[certain("a")], "the event loop was held up for 312 ms by a"],
    [[certain("a"), perhaps("b")], "the event loop was held up for 312 ms by a"],
    [[certain("a"), certain("b")], "the event loop was held up for 312 ms by one of a, b"],
    [[perhaps("a"), perhaps("b"), perhaps("a")], "the event loop was held up for 312 ms; meanwhile: a, b"],
    [
      Array.from({ length: 10 }, (_, index) => perhaps(String(index))),
      "the event loop was held up for 312 ms; meanwhile: 0, 1, 2, 3, 4, 5, 6, 7 and 2 more"
    ]
  ])("says of %j: %s", (suspects, sentence) => {
    assert.strictEqual(LoopDelay.sentence(312.4, suspects), sentence)
  })

  it.effect("asks a witness until its scope closes", () =>
    Effect.gen(function* () {
      const witnesses = new Set<LoopDelay.Witness>()
      const provided = Effect.provideService(LoopDelay.Witnesses, witnesses)
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* LoopDelay.addWitness(() => [certain("a")])
          assert.deepStrictEqual(
            [...witnesses].flatMap((witness) => witness(1)),
            [certain("a")]
          )
        })
      ).pipe(provided)
      assert.strictEqual(witnesses.size, 0)
    })
  )
})

interface Line {
  readonly category?: string
  readonly level?: string
  readonly message?: string
  readonly fields?: { readonly suspects?: ReadonlyArray<string> }
}

const linesOf = (run: Run): ReadonlyArray<Line> =>
  run.out.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Line] : []))

/** What is said of the event loop, however often a busy machine adds to it. */
const heldUpIn = (run: Run): ReadonlyArray<Line> =>
  linesOf(run).filter(({ message }) => message?.startsWith("the event loop was held up") === true)

describe.concurrent("an app whose event loop is held up", () => {
  it("names the message whose handler did it at once, for certain from the second time on", async () => {
    using run = new Run(file, "atOnce")
    await run.says("ms by desk.atOnce")
    const [first, ...others] = heldUpIn(run).filter(({ fields }) => fields?.suspects?.includes("desk.atOnce") === true)
    assert.match(String(first?.message), /^the event loop was held up for \d{3,} ms; meanwhile: .*desk\.atOnce/)
    assert.include(first, { category: "performance", level: "warn" })
    assert.match(String(others.at(-1)?.message), /^the event loop was held up for \d{3,} ms by desk\.atOnce$/)
    run.signal("SIGTERM")
    assert.strictEqual(await run.ended, 0)
  })

  it("names the message whose handler had waited before, and the handler as slow", async () => {
    using run = new Run(file, "later")
    await run.says("meanwhile: desk.later")
    await run.says("desk.later took")
    const slow = linesOf(run).find(({ message }) => message?.startsWith("desk.later took") === true)
    assert.include(slow, { category: "performance", level: "warn" })
  })

  it("blames no message for a timer", async () => {
    using run = new Run(file, "timer")
    await run.says("by nothing that was watched")
    assert.isFalse(
      heldUpIn(run).some(({ message }) => /ms by desk/.test(String(message))),
      run.out
    )
  })
})
