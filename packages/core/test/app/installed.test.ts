import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Command from "@mortise/core/app/Command"
import * as Contribution from "@mortise/core/app/Contribution"
import { Installed } from "@mortise/core/app/Installed"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

interface Known {
  readonly plugin: string
  readonly keys: ReadonlyArray<string>
  readonly words: ReadonlyArray<string>
}

const Words = Contribution.dataPoint<string>()("test.words")

class Store extends Context.Service<Store, Known>()("test/Store") {}
class Second extends Context.Service<Second, Known>()("test/Second") {}

/** Its layer tells what it could see while it was built. */
const known = Effect.gen(function* () {
  const { plugin, provides, statics } = yield* Installed
  return { plugin, keys: provides.map(({ key }) => key), words: statics(Words).map(({ value }) => value) }
})

const store = Plugin.define({ name: "store", provides: [Store], layer: () => Layer.effect(Store, known) })
const user = Plugin.define({ name: "user", requires: [Store], contributes: [Contribution.static(Words, "later")] })
const other = Plugin.define({ name: "other", contributes: [Contribution.static(Words, "sooner")] })

describe("Installed", () => {
  it.effect("tells a layer what plugins contribute as data, those after it included", () =>
    Effect.gen(function* () {
      const context = yield* App.build(Plugin.compose(user(), store(), other()), {})
      const { keys, plugin, words } = Context.get(context, Store)
      assert.deepStrictEqual([plugin, keys, words], ["store", ["test/Store"], ["later", "sooner"]])
    })
  )

  it.effect("tells each instance its own name and key", () =>
    Effect.gen(function* () {
      const context = yield* App.build(Plugin.compose(store(), Plugin.as(store(), "second", Store, Second)), {})
      assert.deepStrictEqual(Context.get(context, Store).keys, ["test/Store"])
      const { keys, plugin } = Context.get(context, Second)
      assert.deepStrictEqual([plugin, keys], ["second", ["test/Second"]])
    })
  )

  it.effect("knows of nothing outside of a composition", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* known, { plugin: "", keys: [], words: [] })
    })
  )
})

describe("Command", () => {
  it("is found in a composition of which nothing was started", () => {
    const greet: Command.Command = {
      name: "greet",
      summary: "Says hello",
      run: ({ print }) => Effect.as(print("hello"), 0)
    }
    const greeter = Plugin.define({
      name: "greeter",
      provides: [Store],
      layer: () => Layer.effect(Store, Effect.die("started")),
      contributes: [Command.contribute(greet)]
    })
    const commands = Plugin.compose(greeter()).statics(Command.Commands)
    assert.deepStrictEqual(commands, [{ plugin: "greeter", value: greet }])
  })
})
