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
import type { Message } from "./contract.ts"
import { type Command, explain, help, parse } from "./terminal/commands.ts"
import * as Part from "./terminal/Part.ts"
import { bold, coloured, faint, open, printable } from "./terminal/Screen.ts"
import { timeOf } from "./terminal/time.ts"

const options = {
  name: { type: "string", default: process.env.USER || "guest" },
  room: { type: "string", default: "lobby" },
  socket: { type: "string", default: socketPath },
  tcp: { type: "string" }
} as const

const readArguments = () => {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    console.error(
      `✗ ${(error as Error).message}\n  The flags are --name NAME, --room ROOM, --socket PATH and --tcp HOST:PORT.`
    )
    process.exit(2)
  }
}
const args = readArguments()

const connector = () => {
  if (args.tcp === undefined) return Unix.connector({ path: args.socket })
  const { hostname, port } = new URL(`tcp://${args.tcp}`)
  return Tcp.connector({ host: hostname, port: Number(port) })
}

const time = (at: Date): string => faint(timeOf(at))
const typingEvery = 3_000

const chat = Effect.gen(function* () {
  const parts = yield* Part.load
  const clients = yield* Client.makeAll(Part.contractsOf(parts), connector())
  const client = clients.chat
  /** Lines that were typed; undefined is the end. Whoever takes one decides what it means: a command, or a secret. */
  const inputs = yield* Queue.unbounded<string | undefined>()
  const commands = new Map<string, Part.TerminalCommand>()
  const names = new Set<string>()
  /** What is wanted, until the server has agreed to it. */
  let me = { name: args.name, room: args.room }
  let joined = false
  let toldAt = 0
  let sealing: Part.Sealing | undefined

  const screen = open({
    line: (text) => void Queue.offerUnsafe(inputs, text),
    key: () => {
      if (Date.now() - toldAt < typingEvery) return
      toldAt = Date.now()
      Effect.runFork(Effect.ignore(client.signal.type()))
    },
    end: () => void Queue.offerUnsafe(inputs, undefined)
  })
  yield* Effect.addFinalizer(() => Effect.sync(screen.close))
  const notice = (text: string) => screen.print(faint(`· ${text}`))
  const show = ({ at, name, text }: Message) => screen.print(`${time(at)} ${coloured(name)}: ${text}`)
  const on = <A>(stream: Stream.Stream<A, unknown>, tell: (one: A) => Effect.Effect<void>) =>
    Effect.forkScoped(Effect.ignore(Stream.runForEach(stream, tell)), { startImmediately: true })

  /** Says of whispers whether they are sealed, in an app that can seal them. */
  const marked = (isSealed: boolean) => (isSealed ? ", sealed" : sealing === undefined ? "" : ", not sealed")

  /** A whisper that came. Without sealing, or where it was not sealed, the bytes are text. */
  const hear = Effect.fnUntraced(
    function* ({ bytes, from }: { readonly from: string; readonly bytes: Uint8Array }) {
      const opened = yield* sealing?.open(from, bytes) ?? Effect.undefined
      const text = opened === undefined ? printable(bytes) : opened.text
      if (text === undefined) return
      const how = `to you alone${marked(opened !== undefined)}`
      screen.print(`${time(new Date())} ${coloured(from)} ${bold(how)}: ${text}`)
    },
    (effect, { from }) =>
      Effect.catch(effect, (error) =>
        Effect.sync(() => notice(`A private message of ${from} could not be opened: ${explain(error)}`))
      )
  )

  yield* on(client.events.message, (message) => Effect.sync(() => show(message)))
  yield* on(client.events.joined, ({ name }) => Effect.sync(() => notice(`${name} joined`)))
  yield* on(client.events.left, ({ name }) => Effect.sync(() => notice(`${name} left`)))
  yield* on(client.relayed.whisper, hear)

  const join = Effect.fnUntraced(function* (room: string, name = me.name) {
    const { history, members } = yield* client.request.join({ name, room })
    me = { name, room }
    joined = true
    notice(`#${room}, here: ${members.join(", ")}`)
    history.forEach(show)
    screen.prompt(`#${room} > `)
  })

  /** Takes the next line, also one that was typed ahead: what was meant to be a secret is never said. */
  const secret = Effect.fnUntraced(function* (question: string) {
    screen.hidden(question)
    const line = yield* Queue.take(inputs)
    screen.shown()
    if (line === undefined) Queue.offerUnsafe(inputs, undefined)
    return line ?? ""
  })

  const terminal: Part.Terminal = {
    server: args.tcp ?? args.socket,
    print: screen.print,
    notice,
    secret,
    rename: (name) => join(me.room, name),
    me: () => (joined ? me : undefined),
    sealWith: (by) => {
      sealing = by
    }
  }
  for (const part of parts) {
    for (const command of yield* part.start(terminal, clients as never)) {
      commands.set(command.name, command)
      names.add(command.name)
    }
  }
  const helpLine = [help, ...Array.from(commands.values(), (command) => command.help)].join("  ")

  const whisper = Effect.fnUntraced(function* (to: string, text: string) {
    const sealed = yield* sealing?.seal(to, text) ?? Effect.undefined
    yield* client.relay.whisper(to, sealed ?? new TextEncoder().encode(text))
    const how = `alone${marked(sealed !== undefined)}`
    screen.print(`${time(new Date())} you to ${coloured(to)} ${bold(how)}: ${text}`)
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
          screen.print(helpLine)
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
          yield* whisper(command.to, command.text)
          return true
        case "Other":
          yield* commands.get(command.name)?.run(command.rest) ?? Effect.void
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
    while (true) {
      const line = yield* Queue.take(inputs)
      if (line === undefined || !(yield* obey(parse(line, names)))) break
    }
    return "You have left."
  })
  const farewell = Effect.map(client.connection.goAway, ({ reason }) => `The server says goodbye: ${reason}.`)
  const lost = Effect.as(client.connection.closed, "The server is gone. Join again when it is back.")

  // a name that belongs to an account can be taken after signing in; other names only from the command line
  yield* Effect.catchTag(join(me.room), "NameReserved", (error) =>
    Effect.sync(() => {
      notice(explain(error))
      screen.prompt("> ")
    })
  )
  if (process.stdin.isTTY) notice(helpLine)
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
