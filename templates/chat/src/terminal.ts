/**
 * Chats in a terminal: `npm run join -- --name ada --room lobby`. It speaks over the Unix socket of this machine, or with
 * `--tcp HOST:PORT` to another one.
 */
import { parseArgs } from "node:util"
import * as Client from "@mortise/core/client/Client"
import * as Tcp from "@mortise/transport-socket/Tcp"
import * as Unix from "@mortise/transport-socket/Unix"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { socketPath } from "./config.ts"
import { Chat, type Message } from "./contract.ts"
import { type Command, explain, help, parse } from "./terminal/commands.ts"
import { bold, coloured, faint, open, printable } from "./terminal/Screen.ts"

const { values: args } = parseArgs({
  options: {
    name: { type: "string", default: process.env.USER || "guest" },
    room: { type: "string", default: "lobby" },
    socket: { type: "string", default: socketPath },
    tcp: { type: "string" }
  }
})

const connector = () => {
  if (args.tcp === undefined) return Unix.connector({ path: args.socket })
  const { hostname, port } = new URL(`tcp://${args.tcp}`)
  return Tcp.connector({ host: hostname, port: Number(port) })
}

const time = (at: Date): string => faint(at.toTimeString().slice(0, 5))
const typingEvery = 3_000

const chat = Effect.gen(function* () {
  const client = yield* Client.make(Chat, connector())
  const inputs = yield* Queue.unbounded<Command>()
  let me = { name: args.name, room: args.room }
  let toldAt = 0

  const screen = open({
    line: (text) => void Queue.offerUnsafe(inputs, parse(text)),
    key: () => {
      if (Date.now() - toldAt < typingEvery) return
      toldAt = Date.now()
      Effect.runFork(Effect.ignore(client.signal.type()))
    },
    end: () => void Queue.offerUnsafe(inputs, { _tag: "Quit" })
  })
  yield* Effect.addFinalizer(() => Effect.sync(screen.close))
  const notice = (text: string) => screen.print(faint(`· ${text}`))
  const show = ({ at, name, text }: Message) => screen.print(`${time(at)} ${coloured(name)}: ${text}`)
  const on = <A>(stream: Stream.Stream<A, unknown>, tell: (one: A) => void) =>
    Effect.forkScoped(Effect.ignore(Stream.runForEach(stream, (one) => Effect.sync(() => tell(one)))), {
      startImmediately: true
    })

  yield* on(client.events.message, show)
  yield* on(client.events.joined, ({ name }) => notice(`${name} joined`))
  yield* on(client.events.left, ({ name }) => notice(`${name} left`))
  yield* on(client.relayed.whisper, ({ bytes, from }) =>
    screen.print(`${time(new Date())} ${coloured(from)} ${bold("to you alone")}: ${printable(bytes)}`)
  )

  const join = Effect.fnUntraced(function* (room: string) {
    const { history, members } = yield* client.request.join({ name: me.name, room })
    me = { name: me.name, room }
    notice(`#${room}, here: ${members.join(", ")}`)
    history.forEach(show)
    screen.prompt(`#${room} > `)
  })

  /** Gives false when it is time to go. */
  const obey = Effect.fnUntraced(
    function* (command: Command) {
      switch (command._tag) {
        case "Nothing":
          return true
        case "Quit":
          return false
        case "Help":
          screen.print(help)
          return true
        case "Who": {
          notice(`#${me.room}, here: ${(yield* client.request.who()).join(", ")}`)
          for (const { members, room } of yield* client.request.rooms()) notice(`#${room}: ${members}`)
          return true
        }
        case "Room":
          yield* join(command.room)
          return true
        case "Whisper":
          yield* client.relay.whisper(command.to, new TextEncoder().encode(command.text))
          screen.print(`${time(new Date())} you to ${coloured(command.to)} ${bold("alone")}: ${command.text}`)
          return true
        case "Say":
          toldAt = 0
          yield* client.request.say({ text: command.text })
          return true
      }
    },
    // a lost connection ends the program, see below; all else is told, and the conversation goes on
    Effect.catch((error) =>
      error._tag === "ConnectionClosed"
        ? Effect.never
        : Effect.as(
            Effect.sync(() => notice(explain(error))),
            true
          )
    )
  )

  const conversation = Effect.gen(function* () {
    while (yield* obey(yield* Queue.take(inputs)));
    return "You have left."
  })
  const farewell = Effect.map(client.connection.goAway, ({ reason }) => `The server says goodbye: ${reason}.`)
  const lost = Effect.map(client.connection.closed, ({ message }) => `${message}.`)

  yield* join(me.room)
  if (process.stdin.isTTY) notice(help)
  const ending = yield* Effect.raceAllFirst([conversation, farewell, lost])
  screen.close()
  screen.print(faint(`· ${ending}`))
})

const program = Effect.scoped(chat).pipe(
  Effect.catch((error) =>
    Effect.sync(() => {
      console.error(`✗ ${explain(error)}`)
      process.exitCode = 1
    })
  )
)

await Effect.runPromise(program)
