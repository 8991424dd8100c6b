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
 * | `stop` | stops the app as SIGTERM does, and waits until it has |
 */
import { parseArgs } from "node:util"
import * as Errors from "@mortise/core/app/Errors"
import * as LogSink from "@mortise/core/app/LogSink"
import * as Client from "@mortise/core/client/Client"
import * as Unix from "@mortise/transport-socket/Unix"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Admin, Category, Level } from "./AdminContract.ts"
import * as AdminSocket from "./AdminSocket.ts"

export interface Options {
  /** Words of the command line, without the name of the program. */
  readonly args: ReadonlyArray<string>
  /** The folder in which the app runs. */
  readonly folder: string
  /** Writes a text for whoever called. */
  readonly print: (text: string) => void
  /** Whether what is printed is read at a terminal that shows colours. */
  readonly colours: boolean
}

/** The command line is wrong, or no app answers. */
export class AdminCommandRefused extends Errors.make<AdminCommandRefused>()(
  "AdminCommandRefused",
  { component: "admin", code: "ADMIN_COMMAND_REFUSED", status: 400 },
  { reason: Schema.String }
) {
  override get message(): string {
    return this.reason
  }
}

export const usage = `Usage: mortise-admin COMMAND

  info                   process, plugins, addresses, memory, levels
  clients                who is connected
  close ID [REASON]      closes one connection
  level CATEGORY LEVEL   what is written to the log from now on
  listen                 the lines of the log as they come
  stop                   stops the app, and waits until it has

  --json                 for programs
  --socket PATH          where the app's admin.path is set
`

const flags = { json: { type: "boolean" }, socket: { type: "string" }, help: { type: "boolean", short: "h" } } as const

const refused = (reason: string) => Effect.fail(new AdminCommandRefused({ reason }))

const parsed = (args: ReadonlyArray<string>) =>
  Effect.try({
    try: () => parseArgs({ args: [...args], options: flags, allowPositionals: true }),
    catch: (error) => new AdminCommandRefused({ reason: `${(error as Error).message}\n\n${usage}` })
  })

const decoded = <S extends Schema.Codec<unknown, unknown>>(schema: S, word: string | undefined, what: string) =>
  Effect.mapError(
    Schema.decodeUnknownEffect(schema)(word),
    ({ message }) => new AdminCommandRefused({ reason: `${what}: ${message.split("\n")[0]}` })
  )

const lines = (rows: ReadonlyArray<readonly [string, string]>): string => {
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n")
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`

/** Runs one command; gives when it is done. */
export const run = ({ args, colours, folder, print }: Options) =>
  Effect.gen(function* () {
    const { positionals, values } = yield* parsed(args)
    const [command, ...words] = positionals
    if (values.help === true) return print(usage)
    if (command === undefined) return yield* refused(`A command is needed.\n\n${usage}`)
    const path = values.socket ?? (yield* AdminSocket.pathOf(folder))
    const client = yield* Client.make(Admin, Unix.connector({ name: "admin", path })).pipe(
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
      case "stop":
        yield* request.stop()
        yield* client.connection.closed
        return print("The app has stopped.")
      default:
        return yield* refused(`There is no command "${command}".\n\n${usage}`)
    }
  }).pipe(Effect.scoped)
