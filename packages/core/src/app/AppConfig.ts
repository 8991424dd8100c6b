/**
 * The configuration of an app: one section for each plugin that has a Schema, under the name of its instance. All of it
 * is decoded before any layer starts, and all that is wrong with it is told at once.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { problemsOf as foundBefore, type Origin, originOf } from "./ConfigOrigin.ts"
import { atPath, describe, expectedAt, isSecret, keysAt, nearest } from "./ConfigSchema.ts"
import * as Errors from "./Errors.ts"
import type { AnyConfig } from "./Plugin.ts"

/** One thing that is wrong. */
export const ConfigProblem = Schema.Struct({
  /** The plugin whose section it is; empty for the configuration itself. */
  plugin: Schema.String,
  /** Where, from the root: `http.port`. */
  path: Schema.String,
  /** The environment variable that set it: `PORT`. */
  variable: Schema.optionalKey(Schema.String),
  /** The flag that set it: `--http.port`. */
  flag: Schema.optionalKey(Schema.String),
  /** The file that it stands in, and the line from 1. */
  file: Schema.optionalKey(Schema.String),
  line: Schema.optionalKey(Schema.Int),
  expected: Schema.String,
  /** What was found instead. A value whose Schema is `Redacted`, or whose key sounds secret, is not shown. */
  got: Schema.String,
  /** What to do, where that does not follow from what is expected. */
  hint: Schema.optionalKey(Schema.String)
})
export type ConfigProblem = typeof ConfigProblem.Type

/** `PORT (http.port)`, `config/default.yaml:3 (http.port)`, `http.port`. */
const placeOf = ({ file, flag, line, path, variable }: ConfigProblem): string => {
  const what = path === "" ? "the configuration" : path
  const where = file === undefined ? undefined : line === undefined ? file : `${file}:${line}`
  const by = flag ?? variable
  const origin = by !== undefined && where !== undefined ? `${by} in ${where}` : (by ?? where)
  return origin === undefined ? what : `${origin} (${what})`
}

/** The configuration does not fit its Schema. Raised before any layer starts; `App.run` then exits with 78. */
export class ConfigInvalid extends Errors.make<ConfigInvalid>()(
  "ConfigInvalid",
  { component: "app", code: "APP_CONFIG_INVALID", status: 500 },
  {
    problems: Schema.Array(ConfigProblem)
  }
) {
  override get message(): string {
    const lines = this.problems.map((problem) => {
      const { expected, got, hint } = problem
      return `  ${placeOf(problem)}: expected ${expected}, got ${got}${hint === undefined ? "" : `. ${hint}`}`
    })
    return `The configuration has ${lines.length} ${lines.length === 1 ? "problem" : "problems"}:\n${lines.join("\n")}`
  }
}

/** The Effect that was to give the configuration failed; `App.run` then exits with 78. */
export class ConfigUnreadable extends Errors.make<ConfigUnreadable>()(
  "ConfigUnreadable",
  { component: "app", code: "APP_CONFIG_UNREADABLE", status: 500 },
  {
    /** What reading it failed with. */
    reason: Schema.String
  }
) {
  static readonly because = (error: unknown): ConfigUnreadable =>
    new ConfigUnreadable({ reason: error instanceof Error ? error.message : String(error) })
  override get message(): string {
    return `The configuration could not be read: ${this.reason}`
  }
}

/** A plugin as far as its configuration goes. */
export interface Section {
  readonly name: string
  readonly config: AnyConfig | undefined
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const takesObject = (schema: AnyConfig): boolean => Schema.toEncoded(schema).ast._tag === "Objects"

/** One Schema of all sections: a section that needs no key may be left out. */
export const merge = (sections: ReadonlyArray<Section>): Schema.Codec<unknown, unknown> => {
  const fields: Record<string, Schema.Codec<unknown, unknown>> = {}
  for (const { config, name } of sections) {
    if (config === undefined) continue
    // the constraint of a plugin's config holds no more than what a field of a struct needs
    const field = config as Schema.Codec<unknown, unknown>
    fields[name] = takesObject(config) ? field.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))) : field
  }
  return Schema.Struct(fields) as Schema.Codec<unknown, unknown>
}

/** One problem for each place: a value that is wrong in several ways is one mistake. */
const perPlace = (problems: ReadonlyArray<ConfigProblem>): ReadonlyArray<ConfigProblem> => {
  const places = new Map<string, ConfigProblem>()
  for (const problem of problems) {
    const place = `${problem.path} ${problem.got}`
    const before = places.get(place)
    const expected = before === undefined ? problem.expected : `${before.expected} and ${problem.expected}`
    places.set(place, { ...problem, expected: before?.expected === problem.expected ? problem.expected : expected })
  }
  return [...places.values()]
}

/** How a problem names what set the value. */
const wayOf = (origin: Origin | undefined): Pick<ConfigProblem, "variable" | "flag" | "file" | "line"> => {
  if (origin === undefined) return {}
  const { file, kind, line, name } = origin
  return {
    ...(kind === "variable" ? { variable: name } : kind === "flag" ? { flag: name } : {}),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line })
  }
}

const problemsOf = (section: string, schema: AnyConfig, given: unknown, input: unknown, issue: SchemaIssue.Issue) => {
  const missing = "nothing"
  const format = SchemaIssue.makeFormatterStandardSchemaV1({
    leafHook: (leaf) =>
      leaf._tag === "MissingKey" ? missing : leaf._tag === "UnexpectedKey" ? "" : SchemaIssue.defaultLeafHook(leaf)
  })
  const problems = format(issue).issues.map(({ message, path = [] }): ConfigProblem => {
    const keys = path.map((part) => (typeof part === "object" ? part.key : part))
    const origin = originOf(given, [section, ...keys])
    const at = { plugin: section, path: [section, ...keys.map(String)].join("."), ...wayOf(origin) }
    if (message === "") {
      const key = String(keys.at(-1))
      const near = nearest(key, keysAt(schema.ast, keys.slice(0, -1)))
      return { ...at, expected: near === undefined ? "no such key" : `"${near}"`, got: `"${key}"` }
    }
    if (message === missing) return { ...at, expected: expectedAt(schema, keys), got: missing }
    const expected = message.startsWith("Expected ") ? message.slice("Expected ".length) : message
    const secret = isSecret(schema.ast, keys)
    const found = atPath(input, keys)
    if (origin?.kind !== "variable" && origin?.kind !== "flag") return { ...at, expected, got: describe(found, secret) }
    // as it was typed; an empty text and NaN stand for a variable that is not set
    const typed = origin.text || (found === "" || Number.isNaN(found) ? undefined : found)
    return { ...at, expected, got: describe(typed, secret) }
  })
  return perPlace(problems)
}

const decodeSection = (
  section: string,
  schema: AnyConfig,
  given: unknown,
  input: unknown
): Effect.Effect<unknown, ReadonlyArray<ConfigProblem>> =>
  Schema.decodeUnknownEffect(schema)(input, { errors: "all", onExcessProperty: "error" }).pipe(
    Effect.mapError((error) => problemsOf(section, schema, given, input, error.issue))
  )

const unknownSections = (sections: ReadonlyArray<Section>, input: Readonly<Record<string, unknown>>) => {
  const known = sections.filter((section) => section.config !== undefined).map((section) => section.name)
  return Object.keys(input)
    .filter((key) => !known.includes(key))
    .map((key): ConfigProblem => {
      const way = wayOf(originOf(input, [key]))
      const near = nearest(key, known)
      const hasNone = sections.some((section) => section.name === key)
      const expected =
        near !== undefined ? `"${near}"` : known.length > 0 ? `one of ${known.join(", ")}` : "no sections at all"
      return {
        plugin: "",
        path: key,
        ...way,
        expected: hasNone ? "nothing, this plugin has no configuration" : expected,
        got: hasNone ? describe(input[key], true) : `"${key}"`
      }
    })
}

/**
 * Decodes every section. Each is decoded by itself, because one Schema over all of them would stop at the first stage
 * that fails and keep the problems of the next stage for the next try.
 */
export const decode = (
  sections: ReadonlyArray<Section>,
  input: unknown
): Effect.Effect<ReadonlyMap<string, unknown>, ConfigInvalid> =>
  Effect.gen(function* () {
    const given = input ?? {}
    if (!isRecord(given)) {
      const problem = { plugin: "", path: "", expected: "an object of sections", got: describe(given, false) }
      return yield* new ConfigInvalid({ problems: [problem] })
    }
    const decoded = new Map<string, unknown>()
    const before = foundBefore(given)
    const problems = [...before, ...unknownSections(sections, given)]
    for (const { config, name } of sections) {
      if (config === undefined) continue
      const section = given[name] ?? (takesObject(config) ? {} : undefined)
      yield* Effect.match(decodeSection(name, config, given, section), {
        // a value that could not be read right is told once
        onFailure: (found) =>
          void problems.push(...found.filter(({ path }) => before.every((one) => one.path !== path))),
        onSuccess: (value) => void decoded.set(name, value)
      })
    }
    return problems.length === 0 ? decoded : yield* new ConfigInvalid({ problems })
  })
