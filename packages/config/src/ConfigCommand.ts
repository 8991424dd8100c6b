/**
 * The configuration of an app on the command line, without starting it:
 *
 * | command | what it does |
 * |---|---|
 * | `print` | every key with its value and where that came from; `--json` for programs |
 * | `check` | says all that is wrong |
 * | `set KEY VALUE` | writes a value into `config/default.*`, or with `--profile NAME` into that of the profile |
 * | `env` | the text of a `.env.example`, with `--write FILE` into a file |
 * | `reference` | a page of Markdown with every key, with `--write FILE` into a file |
 *
 * @example
 * // in the folder of an app, whose src/app.ts and src/config.ts are read
 * // npx mortise-config set http.port 8080
 */
import { renameSync, writeFileSync } from "node:fs"
import path from "node:path"
import { parseArgs } from "node:util"
import { decode } from "@mortise/core/app/AppConfig"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as ConfigReport from "./ConfigReport.ts"
import * as ConfigSources from "./ConfigSources.ts"
import { written } from "./internal/written.ts"

export interface Options<Config> extends Omit<ConfigSources.Options<Config>, "args" | "profile" | "folder"> {
  readonly folder: string
  /** Words of the command line, without the name of the program. */
  readonly args: ReadonlyArray<string>
  /** Writes a text for whoever called. */
  readonly print: (text: string) => void
}

/** The command line is wrong, or what it asks for cannot be done; nothing was written. */
export class ConfigCommandRefused extends Schema.TaggedError<ConfigCommandRefused>()("ConfigCommandRefused", {
  reason: Schema.String
}) {
  get code(): string {
    return "CONFIG_COMMAND_REFUSED"
  }
  override get message(): string {
    return this.reason
  }
}

export const usage = `Usage: mortise-config COMMAND

  print [--json]          every key with its value and where that came from
  check                   says all that is wrong
  set KEY VALUE           writes a value into config/default.yaml, .json or .toml
  env [--write FILE]      the text of a .env.example
  reference [--write FILE]  a page of Markdown with every key

  --profile NAME          with the file config/NAME.* of a profile; set writes into it
`

const flags = {
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  write: { type: "string" },
  profile: { type: "string" }
} as const

const parsed = (args: ReadonlyArray<string>) =>
  Effect.try({
    try: () => parseArgs({ args: [...args], options: flags, allowPositionals: true }),
    catch: (error) => new ConfigCommandRefused({ reason: `${(error as Error).message}\n\n${usage}` })
  })

const refused = (reason: string) => Effect.fail(new ConfigCommandRefused({ reason }))

/** Replaces a file as a whole: whoever reads it sees the old one or the new one. */
const write = (file: string, text: string) =>
  Effect.try({
    try: () => {
      const beside = `${file}.${process.pid}.tmp`
      writeFileSync(beside, text)
      renameSync(beside, file)
    },
    catch: (error) => new ConfigCommandRefused({ reason: `${file} could not be written: ${(error as Error).message}` })
  })

/** Runs one command; gives the exit code: 0, or 78 where the configuration is wrong, which has then been told. */
export const run = <Config>(
  app: ConfigSources.App<Config>,
  options: Options<NoInfer<Config>>
): Effect.Effect<number, ConfigCommandRefused> =>
  Effect.gen(function* () {
    const { args, folder, print, ...rest } = options
    const { positionals, values: given } = yield* parsed(args)
    const [command, ...words] = positionals
    if (given.help === true || command === undefined) {
      print(usage)
      return given.help === true ? 0 : yield* refused("A command is needed.")
    }
    const sources = { ...rest, folder, args: [], ...(given.profile === undefined ? {} : { profile: given.profile }) }
    const out = (text: string) => {
      if (given.write === undefined) return Effect.sync(() => print(text))
      return Effect.asVoid(write(path.resolve(folder, given.write), text))
    }
    switch (command) {
      case "print": {
        const list = yield* ConfigReport.values(app, yield* ConfigSources.all(app, sources))
        print(given.json === true ? JSON.stringify(list, undefined, 2) : ConfigReport.table(list))
        return 0
      }
      case "check": {
        const { config, files, profile } = yield* ConfigSources.all(app, sources)
        yield* decode(app.plugins, config)
        const from = files.length === 0 ? "no files" : files.map((file) => path.relative(folder, file)).join(", ")
        print(`The configuration is right${profile === undefined ? "" : ` (profile ${profile})`}; read: ${from}.`)
        return 0
      }
      case "set": {
        const [key, value, ...more] = words
        if (key === undefined || value === undefined || more.length > 0) {
          return yield* refused(`set takes a key and a value.\n\n${usage}`)
        }
        const { file, text } = yield* written(app, sources, key, value)
        yield* write(file, text)
        print(`${path.relative(folder, file)}: ${key} is set.`)
        return 0
      }
      case "env":
        yield* out(ConfigReport.envExample(app, options.name))
        return 0
      case "reference":
        yield* out(ConfigReport.reference(app, options.name))
        return 0
      default:
        return yield* refused(`There is no command "${command}".\n\n${usage}`)
    }
  }).pipe(
    Effect.catchTags({
      Refused: ({ reason }) => refused(reason),
      ConfigInvalid: (error) =>
        Effect.sync(() => {
          options.print(error.message)
          return 78
        })
    })
  )
