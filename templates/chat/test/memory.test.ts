import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { History } from "../src/history/History.ts"
import { history } from "../src/history/memory.ts"

describe("the history in memory", () => {
  it.live("remembers the last messages of the last rooms", () =>
    Effect.gen(function* () {
      const limits = { history: { messagesPerRoom: 3, roomsRemembered: 2 } }
      const { add, of } = Context.get(yield* App.build(Plugin.compose(history()), limits), History)
      const say = (room: string, text: string) => add({ room, name: "ada", text })
      const texts = (room: string) => Effect.map(of(room), (messages) => messages.map(({ text }) => text))
      for (const room of ["one", "two"]) for (const text of ["a", "b", "c", "d"]) yield* say(room, text)
      assert.deepStrictEqual(yield* texts("one"), ["b", "c", "d"])
      yield* say("one", "e")
      yield* say("three", "f")
      // the room that was silent longest is forgotten
      assert.deepStrictEqual([yield* texts("two"), yield* texts("one")], [[], ["c", "d", "e"]])
    })
  )
})
