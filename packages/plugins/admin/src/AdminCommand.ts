/**
 * The commands that talk to a running app, for its owner:
 *
 * | command | what it does |
 * |---|---|
 * | `info` | process, plugins, addresses, memory, levels |
 * | `clients` | who is connected |
 * | `close ID` | closes one connection |
 * | `level CATEGORY LEVEL` | what is written to the log from now on: `level integration Debug`, `level all Info` |
 * | `listen` | the lines of the log as they come |
 * | `call MESSAGE PAYLOAD` | sends one message as a client would, and shows what comes back |
 * | `profile KIND` | a profile of the CPU, the heap or the allocations, as a file for Chrome's developer tools |
 * | `stop` | stops the app as SIGTERM does, and waits until it has |
 */
import { parseArgs } from "node:util"
import * as LogSink from "@mortise/core/app/LogSink"
import * as Client from "@mortise/core/client/Client"
import * as Unix from "@mortise/transport-socket/Unix"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Admin, Category, Level, MAX_FRAME_BYTES } from "./AdminContract.ts"
import { AdminCommandRefused } from "./AdminError.ts"
import * as AdminSocket from "./AdminSocket.ts"
import { call } from "./internal/commands/call.ts"
import { lines, mebibytes } from "./internal/commands/lines.ts"
import { profile } from "./internal/commands/profile.ts"

export interface Options {
  /** Words of the command line, without the name of the program. */
  readonly args: ReadonlyArray<string>
  /** The folder in which the app runs. */
  readonly folder: string
  /** Writes a text for whoever called. */
  readonly print: (text: string) => void
  /** Where the payload of a call is read from, if it is `-`. */
  readonly input: NodeJS.ReadableStream
  /** Shown by a call that has no `--token`; `mortise` takes it from the variable `MORTISE_TOKEN`. */
  readonly token?: string | undefined
  /** Whether what is printed is read at a terminal that shows colours. */
  readonly colours: boolean
}

export const usage = `Usage: mortise-admin COMMAND

  info                   process, plugins, addresses, memory, levels
  clients                who is connected
  close ID [REASON]      closes one connection
  level CATEGORY LEVEL   what is written to the log from now on
  listen                 the lines of the log as they come
  call                   the messages that can be sent to the app
  call MESSAGE [JSON|-]  sends one as a client would, and shows what comes back; - reads standard input
    --token TOKEN          as whom; or in the variable MORTISE_TOKEN, which others cannot see
    --timeout SECONDS      how long the app may take
  profile cpu            which functions the app spends its time in
  profile allocations    which functions take memory
  profile heap           everything that is in memory, secrets too; the app stands still meanwhile
    --seconds N            1 to 300; 10 where it is left out
    --out FILE             which must not be there yet
  stop                   stops the app, and waits until it has

  --json                 for programs
  --socket PATH          where the app's admin.path is set
`

const flags = {
  json: { type: "boolean" },
  socket: { type: "string" },
  help: { type: "boolean", short: "h" },
  token: { type: "string" },
  timeout: { type: "string" },
  seconds: { type: "string" },
  out: { type: "string" }
} as const

/** Flags that only one command has. */
const commandOf: { readonly [flag: string]: string } = {
  token: "call",
  timeout: "call",
  seconds: "profile",
  out: "profile"
}

const refused = (reason: string) => Effect.fail(new AdminCommandRefused({ reason }))

const parsed = Effect.fnUntraced(function* (args: ReadonlyArray<string>) {
  const { positionals, values } = yield* Effect.try({
    try: () => parseArgs({ args: [...args], options: flags, allowPositionals: true }),
    catch: (error) => new AdminCommandRefused({ reason: `${(error as Error).message}\n\n${usage}` })
  })
  for (const flag of Object.keys(values)) {
    const only = commandOf[flag]
    if (only !== undefined && only !== positionals[0]) return yield* refused(`--${flag} is for ${only}.\n\n${usage}`)
  }
  return { positionals, values }
})

const decoded = <S extends Schema.Codec<unknown, unknown>>(schema: S, word: string | undefined, what: string) =>
  Effect.mapError(
    Schema.decodeUnknownEffect(schema)(word),
    ({ message }) => new AdminCommandRefused({ reason: `${what}: ${message.split("\n")[0]}` })
  )

/** Runs one command; gives when it is done. */
export const run = ({ args, colours, folder, input, print, token }: Options) =>
  Effect.gen(function* () {
    const { positionals, values } = yield* parsed(args)
    const [command, ...words] = positionals
    if (values.help === true) return print(usage)
    if (command === undefined) return yield* refused(`A command is needed.\n\n${usage}`)
    const path = values.socket ?? (yield* AdminSocket.pathOf(folder))
    const client = yield* Client.make(
      Admin,
      Unix.connector({ name: "admin", path, maxFrameBytes: MAX_FRAME_BYTES })
    ).pipe(
      Effect.mapError(
        ({ message }) =>
          new AdminCommandRefused({
            reason: `No app that has the plugin admin runs in ${folder}, or it is another user's. (${message})`
          })
      )
    )
    const { request } = client
    const show = (value: unknown, text: () => string) =>
      print(values.json === true ? JSON.stringify(value, undefined, 2) : text())
    switch (command) {
      case "info": {
        const info = yield* request.info()
        const { connections, draining, levels, listening, memory, node, pid, plugins, uptimeMillis } = info
        return show(info, () =>
          lines([
            ["process", `${pid}, Node ${node}, up ${Math.round(uptimeMillis / 1000)} s${draining ? ", stopping" : ""}`],
            ["plugins", plugins.join(", ")],
            ...listening.map(({ address, name }) => [name, address] as const),
            ["connections", String(connections)],
            ["memory", `${mebibytes(memory.rss)}, heap ${mebibytes(memory.heapUsed)}`],
            [
              "log",
              Object.entries(levels)
                .map(([category, level]) => `${category} ${level}`)
                .join(", ")
            ]
          ])
        )
      }
      case "clients": {
        const clients = yield* request.clients()
        return show(clients, () =>
          clients.length === 0
            ? "Nobody is connected."
            : clients
                .map(({ address, id, principal, state, transport, wire }) =>
                  [id, transport, address, wire ?? "–", state, principal ?? "–"].join("  ")
                )
                .join("\n")
        )
      }
      case "close": {
        const [id, ...reason] = words
        if (id === undefined) return yield* refused("close takes the id of a connection; `clients` has them.")
        const known = yield* request.close({ id, reason: reason.join(" ").slice(0, 100) || "closed by the operator" })
        return known ? print(`${id} is closed.`) : yield* refused(`There is no connection ${id}.`)
      }
      case "level": {
        const category = yield* decoded(Category, words[0], "the category")
        const level = yield* decoded(Level, words[1], "the level")
        const levels = yield* request.level({ category, level })
        return show(levels, () => lines(Object.entries(levels)))
      }
      case "listen":
        return yield* Stream.runForEach(request.listen(), (line) =>
          Effect.sync(() =>
            print(
              values.json === true
                ? line
                : LogSink.pretty(JSON.parse(line) as LogSink.Entry, {
                    colors: colours,
                    offsetMinutes: new Date().getTimezoneOffset()
                  })
            )
          )
        )
      case "call":
        return yield* call(client, words, { ...values, token: values.token ?? token, input, print })
      case "profile":
        return yield* profile(client, words, { ...values, folder, print })
      case "stop":
        yield* request.stop()
        yield* client.connection.closed
        return print("The app has stopped.")
      default:
        return yield* refused(`There is no command "${command}".\n\n${usage}`)
    }
  }).pipe(Effect.scoped)
