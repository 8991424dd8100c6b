import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Client from "@mortise/core/client/Client"
import { gateway } from "@mortise/core/transport/GatewayPlugin"
import { sqlite } from "@mortise/orm/SqlitePlugin"
import { unix } from "@mortise/transport-socket"
import * as Unix from "@mortise/transport-socket/Unix"
import * as Effect from "effect/Effect"
import { chat } from "../../src/chat/plugin.ts"
import { Chat } from "../../src/contract.ts"
import { history } from "../../src/history/database.ts"

const app = Plugin.compose(gateway(), unix(), sqlite(), chat(), history())

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "chat-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

/** Says texts in a room of a server that is started for it, and gives the history that was there before. */
const visit = (folder: string, room: string, texts: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const path = join(folder, "chat.sock")
      yield* App.build(app, {
        unix: { path },
        sqlite: { file: join(folder, "chat.db") },
        history: { messagesPerRoom: 3 }
      })
      const client = yield* Client.make(Chat, Unix.connector({ path }))
      const { history } = yield* client.request.join({ name: "ada", room })
      for (const text of texts) yield* client.request.say({ text })
      return history
    })
  )

describe("the history in a database", () => {
  it.live("survives a restart, gives the last messages of the room in order, and goes on counting", () =>
    Effect.gen(function* () {
      const files = yield* folder
      assert.deepStrictEqual(yield* visit(files, "lobby", ["one", "two", "three ☃", "four'; drop table messages"]), [])
      yield* visit(files, "attic", ["elsewhere"])
      const kept = yield* visit(files, "lobby", [])
      assert.deepStrictEqual(
        kept.map(({ id, name, room, text }) => [id, name, room, text]),
        [
          [2, "ada", "lobby", "two"],
          [3, "ada", "lobby", "three ☃"],
          [4, "ada", "lobby", "four'; drop table messages"]
        ]
      )
      for (const { at } of kept) assert.isBelow(Math.abs(Date.now() - at.getTime()), 60_000)
    })
  )
})
