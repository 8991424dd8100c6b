/**
 * Reads the configuration of an app from where people put it. Later sources go before earlier ones:
 *
 * | source | example |
 * |---|---|
 * | code, and the defaults of plugins | `config: { http: { port: 7420 } }` |
 * | the project's file | `config/default.yaml` (or `.json`, `.yml`, `.toml`) |
 * | the file of a profile | `config/production.yaml` for `NODE_ENV=production`, `MY_CHAT_PROFILE=…` or `--profile …` |
 * | the user's file | `~/.config/my-chat/config.yaml`, or under `XDG_CONFIG_HOME` |
 * | the file `.env` | `MY_CHAT_HTTP__PORT=8080` |
 * | the environment | the same; or a variable that code names with `Environment` |
 * | flags | `--http.port 8080` |
 *
 * Sections are merged key by key, lists replaced. Files and `.env` may hold `${NAME}` and `${NAME:-otherwise}`. What is wrong,
 * whatever the source, is told together with what is wrong with the values when the app starts.
 *
 * @example
 * App.run(app, { name: "my-chat", config: ConfigSources.read(app, { name: "my-chat", config }) })
 */
import { homedir } from "node:os"
import path from "node:path"
import type { Section } from "@mortise/core/app/AppConfig"
import * as ConfigOrigin from "@mortise/core/app/ConfigOrigin"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { fromCode, ofEnvFile } from "./internal/fromCode.ts"
import { fromFile } from "./internal/fromFile.ts"
import { fromFlags, plainFlag } from "./internal/fromFlags.ts"
import { envFile, environment, fromVariables } from "./internal/fromVariables.ts"
import { prefixOf, Reading } from "./internal/Reading.ts"
import { build, merge, type Node } from "./internal/Tree.ts"

/** Every key may be left out: other sources may have it. */
export type Partly<T> =
  T extends ReadonlyArray<unknown> ? T : T extends object ? { readonly [K in keyof T]?: Partly<T[K]> } : T

export interface Options<Config> {
  /** The app's name: the user's folder of it, and the prefix of its variables (`MY_CHAT_` for `my-chat`). */
  readonly name: string
  /** What the program itself says, for instance with `Environment.config`. */
  readonly config?: Partly<Config>
  /** Where `config/` and `.env` are; default: the folder in which the process was started. */
  readonly folder?: string
  /** Default: the variables of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Default: the arguments of the process. */
  readonly args?: ReadonlyArray<string>
  /** Default: `--profile`, the app's variable `…_PROFILE`, or `NODE_ENV`. */
  readonly profile?: string
}

export interface Loaded {
  /** The sections before decoding; `ConfigOrigin` knows the origin of each value, and what was wrong with a source. */
  readonly config: Readonly<Record<string, unknown>>
  readonly profile: string | undefined
  /** The files that were read, in the order of the sources. */
  readonly files: ReadonlyArray<string>
  /** Every file that would have been read, had it been there. */
  readonly looked: ReadonlyArray<string>
  /** Reads the sources anew. */
  readonly again: Effect.Effect<Loaded>
}

/** What is read of an app: the names and the Schemas of its plugins. A `Composition` is one. */
export interface App<in out Config> {
  readonly plugins: ReadonlyArray<Section>
  /** The merged Schema of all sections. */
  readonly config: Schema.Codec<unknown, Config>
}

const PROFILE = /^[A-Za-z0-9_-]{1,64}$/

interface Place {
  readonly name: string
  readonly folder: string
  readonly args: ReadonlyArray<string>
}

/** The profile, and whether somebody asked for it by name; `NODE_ENV` alone does not ask for a file. */
const profileOf = (reading: Reading, { args, name }: Place, given: string | undefined) => {
  const variable = `${prefixOf(name)}PROFILE`
  const asked = given ?? plainFlag(args, "profile") ?? (reading.env[variable] || undefined)
  const profile = asked ?? (reading.env.NODE_ENV || undefined)
  if (profile === undefined || PROFILE.test(profile)) return { profile, asked: asked !== undefined }
  reading.problem({
    path: "",
    ...(asked === undefined ? { variable: "NODE_ENV" } : reading.env[variable] === asked ? { variable } : {}),
    expected: "a profile of up to 64 letters, digits, dashes and underscores",
    got: JSON.stringify(profile.slice(0, 40))
  })
  return { profile: undefined, asked: false }
}

const projectFiles = async (
  reading: Reading,
  place: Place,
  given: string | undefined,
  lookup: (name: string) => string | undefined
) => {
  const { asked, profile } = profileOf(reading, place, given)
  const fileOf = (name: string) => fromFile(reading, path.join(place.folder, "config", name), `config/${name}`, lookup)
  const first = await fileOf("default")
  const before = reading.files.length
  const own = profile === undefined || profile === "default" ? undefined : await fileOf(profile)
  if (asked && profile !== "default" && reading.files.length === before) {
    const expected = `a file config/${profile}.yaml, .json or .toml for the profile "${profile}"`
    reading.problem({ path: "", expected, got: "nothing" })
  }
  return { nodes: [first, own], profile }
}

const load = async (sections: ReadonlyArray<Section>, options: Options<unknown>): Promise<Omit<Loaded, "again">> => {
  const { args = process.argv.slice(2), config = {}, env = process.env, folder = process.cwd(), name } = options
  const reading = new Reading(sections, env)
  const place = { name, folder, args }
  const dotenv = envFile(reading, path.join(folder, ".env"), ".env")
  const lookup = (variable: string) => env[variable] ?? dotenv.values[variable]
  const { nodes, profile } = await projectFiles(reading, place, options.profile, lookup)
  const home = env.XDG_CONFIG_HOME || path.join(env.HOME || homedir(), ".config")
  const code = fromCode(config)
  const layers: ReadonlyArray<Node | undefined> = [
    code.defaults,
    ...nodes,
    await fromFile(reading, path.join(home, name, "config"), path.join(home, name, "config"), lookup),
    ofEnvFile(code.defaults, dotenv),
    fromVariables(reading, name, dotenv),
    code.variables,
    fromVariables(reading, name, environment(env)),
    fromFlags(reading, args)
  ]
  const whole = layers.reduce<Node>((under, over) => (over === undefined ? under : merge(under, over)), code.defaults)
  const built: Record<string, unknown> = {}
  const origins: Record<string, ConfigOrigin.Origin> = {}
  if (whole.kind === "branch") {
    for (const [section, node] of whole.entries) {
      built[section] = build(reading.sectionAst(section), node)
      origins[section] = node.origin
    }
  }
  ConfigOrigin.set(built, origins)
  ConfigOrigin.addProblems(built, reading.problems)
  return { config: built, profile, files: reading.files, looked: reading.looked }
}

/** Reads all sources; never fails: what is wrong is told when the configuration is decoded. */
export const all = <Config>(app: App<Config>, options: Options<NoInfer<Config>>): Effect.Effect<Loaded> => {
  const loading: Effect.Effect<Loaded> = Effect.map(
    Effect.promise(() => load(app.plugins, options as Options<unknown>)),
    (loaded) => {
      const whole = { ...loaded, again: loading }
      known.set(loaded.config, whole)
      return whole
    }
  )
  return loading
}

const known = new WeakMap<object, Loaded>()

/** What was read with the configuration that an app runs with; undefined for one that was not read here. */
export const loadedOf = (config: object): Loaded | undefined => known.get(config)

/** The configuration, as `App.run` takes it. */
export const read = <Config>(
  app: App<Config>,
  options: Options<NoInfer<Config>>
): Effect.Effect<Readonly<Record<string, unknown>>> => Effect.map(all(app, options), ({ config }) => config)
