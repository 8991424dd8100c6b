import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Plugin from "@mortise/core/app/Plugin"
import { Orm } from "@mortise/core/orm/Orm"
import * as Repository from "@mortise/core/orm/Repository"
import { Tasks } from "@mortise/core/tasks/Tasks"
import { sqlite } from "@mortise/orm/SqlitePlugin"
import { tasks } from "@mortise/plugin-tasks"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { CleanUp, cleanup } from "../src/cleanup/plugin.ts"
import { history } from "../src/history/database.ts"
import { StoredMessage } from "../src/history/StoredMessage.ts"

const day = 24 * 60 * 60 * 1000

describe("the nightly cleanup", () => {
  it.live("removes messages older than 30 days, and no others", () =>
    Effect.gen(function* () {
      const app = Plugin.compose(sqlite(), tasks(), history(), cleanup())
      const running = yield* App.build(app, { sqlite: { file: ":memory:" } })
      const messages = Repository.make(StoredMessage).over(Context.get(running, Orm))
      const said = (days: number, text: string) => ({
        room: "lobby",
        name: "ada",
        text,
        at: new Date(Date.now() - days * day)
      })
      yield* messages.insertMany([said(365, "ancient"), said(31, "old"), said(29, "young"), said(0, "new")])
      const queue = Context.get(running, Tasks)
      assert.strictEqual(yield* queue.wait(yield* queue.enqueue(CleanUp)), 2)
      const left = yield* messages.find({ orderBy: ["id"] })
      assert.deepStrictEqual(
        left.map(({ text }) => text),
        ["young", "new"]
      )
    })
  )
})
