import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Drain from "../../src/app/Drain.ts"
import * as Listening from "../../src/app/Listening.ts"
import * as Plugin from "../../src/app/Plugin.ts"

const inRegistry = <A, E, R>(use: (registry: Drain.Registry) => Effect.Effect<A, E, R>) => {
  const registry = Drain.makeUnsafe()
  return Effect.scoped(Effect.provideService(use(registry), Drain.Drain, registry))
}

describe("Drain", () => {
  it.effect("refuses everywhere before anything finishes, and finishes at the same time", () =>
    inRegistry((registry) =>
      Effect.gen(function* () {
        const seen: Array<string> = []
        const note = (line: string) => Effect.sync(() => void seen.push(line))
        const other = yield* Deferred.make<void>()
        yield* Drain.add("first", Effect.andThen(Deferred.await(other), note("first finished")))
        yield* Drain.add("door", note("door shut"), { phase: "refuse" })
        yield* Drain.add("second", Effect.andThen(note("second finished"), Deferred.succeed(other, undefined)))
        assert.isFalse(yield* Drain.isDraining)
        assert.deepStrictEqual(yield* registry.run, [])
        assert.deepStrictEqual(seen, ["door shut", "second finished", "first finished"])
        assert.isTrue(yield* Drain.isDraining)
        assert.deepStrictEqual(yield* registry.run, [])
        assert.strictEqual(seen.length, 3)
      })
    )
  )

  it.effect("announces, and draining is known, before anything is refused", () =>
    inRegistry((registry) =>
      Effect.gen(function* () {
        const seen: Array<string> = []
        const note = (line: string) =>
          Effect.flatMap(Drain.isDraining, (draining) => Effect.sync(() => void seen.push(`${line} ${draining}`)))
        yield* Drain.add("finish", note("finish"))
        yield* Drain.add("refuse", note("refuse"), { phase: "refuse" })
        yield* Drain.add("announce", Effect.andThen(Effect.yieldNow, note("announce")), { phase: "announce" })
        assert.deepStrictEqual(yield* registry.run, [])
        assert.deepStrictEqual(seen, ["announce true", "refuse true", "finish true"])
      })
    )
  )

  it.effect("reports a step that breaks and runs the others", () =>
    inRegistry((registry) =>
      Effect.gen(function* () {
        let ran = false
        yield* Drain.add("broken", Effect.die("bug"), { phase: "refuse" })
        yield* Drain.add(
          "sound",
          Effect.sync(() => void (ran = true))
        )
        const broken = yield* registry.run
        assert.deepStrictEqual(
          broken.map(({ step }) => step),
          ["broken"]
        )
        assert.isTrue(ran)
      })
    )
  )

  it.effect("knows which steps are pending when it is interrupted", () =>
    inRegistry((registry) =>
      Effect.gen(function* () {
        yield* Drain.add("quick", Effect.void)
        yield* Drain.add("stuck", Effect.never)
        const fiber = yield* Effect.forkChild(registry.run, { startImmediately: true })
        yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
        assert.deepStrictEqual(registry.pending(), ["stuck"])
      })
    )
  )

  it.effect("forgets a step when its scope closes, takes none once it has begun", () =>
    inRegistry((registry) =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        yield* Scope.provide(Drain.add("gone", Effect.die("must not run")), scope)
        assert.deepStrictEqual(registry.pending(), ["gone"])
        yield* Scope.close(scope, Exit.void)
        assert.deepStrictEqual(yield* registry.run, [])
        yield* Drain.add("late", Effect.die("must not run"))
        assert.deepStrictEqual(registry.pending(), [])
      })
    )
  )

  it.effect("gives a step the services that were there when it was added", () =>
    inRegistry((registry) =>
      Effect.gen(function* () {
        class Word extends Context.Service<Word, string>()("test/Word") {}
        let seen = ""
        const step = Effect.map(Effect.service(Word), (word) => {
          seen = word
        })
        yield* Effect.provideService(Drain.add("word", step), Word, "hello")
        yield* registry.run
        assert.strictEqual(seen, "hello")
      })
    )
  )
})

describe("Listening", () => {
  const tcp = Plugin.define({
    name: "tcp",
    hosts: [
      Plugin.host(Plugin.point<never>()("test.nothing"), () =>
        Effect.andThen(
          Listening.add({ name: "tcp", address: "tcp://127.0.0.1:4000" }),
          Drain.add("tcp", Effect.void, { phase: "refuse" })
        )
      )
    ]
  })

  it.effect("belongs to one app and empties when it closes", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const one = yield* Scope.provide(Plugin.compose(tcp()).build({}), scope)
      const two = yield* Effect.scoped(Plugin.compose().build({}))
      assert.deepStrictEqual(yield* Effect.provideContext(Listening.entries, one.context), [
        { name: "tcp", address: "tcp://127.0.0.1:4000" }
      ])
      assert.deepStrictEqual(yield* Effect.provideContext(Listening.entries, two.context), [])
      assert.deepStrictEqual(Context.get(one.context, Drain.Drain).pending(), ["tcp"])
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* Effect.provideContext(Listening.entries, one.context), [])
      assert.deepStrictEqual(Context.get(one.context, Drain.Drain).pending(), [])
    })
  )

  it.effect("accepts addresses outside of an app and forgets them", () =>
    Effect.scoped(
      Effect.gen(function* () {
        yield* Listening.add({ name: "tcp", address: "tcp://127.0.0.1:1" })
        yield* Drain.add("tcp", Effect.void)
        assert.deepStrictEqual(yield* Listening.entries, [])
        assert.isFalse(yield* Drain.isDraining)
      })
    )
  )
})
