/**
 * A chat peer that is the typed client over the Unix socket. It runs inside the generated app, whose contract and packages
 * it imports: the demo copies it there.
 *
 *     node typed-unix-peer.mjs SOCKET NAME ROOM
 *
 * Reads and prints as raw-tcp-peer.mjs does.
 */
import { createInterface } from "node:readline"
import * as Client from "@mortise/core/client/Client"
import * as Unix from "@mortise/transport-socket/Unix"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Chat } from "./src/contract.ts"

const [path, name, room] = process.argv.slice(2)
const print = (event, fields = {}) =>
  Effect.sync(() => process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`))

const program = Effect.gen(function* () {
  const client = yield* Client.make(Chat, Unix.connector({ path }))
  yield* Effect.forkScoped(
    Stream.runForEach(client.events.message, ({ name, text }) => print("message", { name, text })),
    { startImmediately: true }
  )
  yield* Effect.forkScoped(
    Effect.flatMap(client.connection.goAway, ({ reason }) => print("goaway", { reason })),
    { startImmediately: true }
  )
  const { members } = yield* client.request.join({ name, room })
  yield* print("joined", { members })
  const lines = createInterface({ input: process.stdin })
  lines.on("line", (text) => {
    Effect.runFork(
      client.request.say({ text }).pipe(
        Effect.flatMap((id) => print("said", { id })),
        Effect.catch((error) => print("error", { message: error.message }))
      )
    )
  })
  yield* client.connection.closed
  yield* print("closed")
  lines.close()
  process.stdin.destroy()
}).pipe(
  Effect.scoped,
  Effect.catchCause((cause) => print("error", { message: String(cause) }))
)

await Effect.runPromise(program)
