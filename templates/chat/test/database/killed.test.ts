import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Client from "@mortise/core/client/Client"
import { until } from "@mortise/core/testing/until"
import * as Unix from "@mortise/transport-socket/Unix"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Chat } from "../../src/contract.ts"

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "chat-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

/** The server as a process that is ready. */
const server = (socket: string, file: string) =>
  Effect.acquireRelease(
    Effect.gen(function* () {
      const main = fileURLToPath(new URL("./server.ts", import.meta.url))
      const child: ChildProcess = spawn(process.execPath, [main, socket, file], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      let said = ""
      child.stdout?.on("data", (chunk) => (said += String(chunk)))
      yield* until("the server is ready", () => said.includes('"event":"ready"'))
      return child
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

describe("a server that is killed", () => {
  it.live("has every message that it acknowledged, once, whenever it was killed", () =>
    Effect.gen(function* () {
      const files = yield* folder
      const socket = join(files, "chat.sock")
      const database = join(files, "chat.db")
      const acknowledged: Array<string> = []
      for (let round = 0; round < 3; round++) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const child = yield* server(socket, database)
            const client = yield* Client.make(Chat, Unix.connector({ path: socket }))
            yield* client.request.join({ name: "ada", room: "lobby" })
            const said = acknowledged.length
            // talks on until the server is gone
            const talking = Effect.gen(function* () {
              for (let i = 0; ; i++) {
                const text = `round ${round}, message ${i}`
                yield* client.request.say({ text })
                acknowledged.push(text)
              }
            })
            const fiber = yield* Effect.forkChild(Effect.exit(talking))
            yield* until("it has talked a while", () => acknowledged.length > said + 50 * (round + 1))
            child.kill("SIGKILL")
            yield* Fiber.join(fiber)
          })
        )
      }
      yield* server(socket, database)
      const client = yield* Client.make(Chat, Unix.connector({ path: socket }))
      const { history } = yield* client.request.join({ name: "ada", room: "lobby" })
      const texts = history.map(({ text }) => text)
      assert.strictEqual(new Set(texts).size, texts.length, "nothing twice")
      const kept = new Set(texts)
      assert.deepStrictEqual(
        acknowledged.filter((text) => !kept.has(text)),
        [],
        "nothing lost"
      )
      // what was on its way when the server died may be there: one message a round at most
      assert.isAtMost(texts.length - acknowledged.length, 3)
    })
  )
})
