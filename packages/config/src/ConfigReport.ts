/**
 * The configuration of an app as people read it: every key with its value and where that came from, the variables that set
 * them, and a page of reference. Secrets are never shown.
 *
 * @example
 * const loaded = yield* ConfigSources.all(app, { name: "my-chat" })
 * console.log(ConfigReport.table(yield* ConfigReport.values(app, loaded)))
 */
import * as AppConfig from "@mortise/core/app/AppConfig"
import * as ConfigOrigin from "@mortise/core/app/ConfigOrigin"
import { atPath } from "@mortise/core/app/ConfigSchema"
import * as Effect from "effect/Effect"
import type { App, Loaded } from "./ConfigSources.ts"
import { type Field, fieldsOf } from "./internal/fields.ts"
import { variablePart } from "./internal/fromVariables.ts"
import { prefixOf } from "./internal/Reading.ts"
import { shown } from "./internal/shown.ts"

export interface Value {
  /** `http.port`. */
  readonly path: string
  /** The value that the plugin gets, as JSON; `<redacted>` for a secret, nothing where it is not set. */
  readonly value: string | undefined
  /** `config/default.yaml:3`, `PORT`, `MY_CHAT_HTTP__PORT in .env:1`, `--http.port`, `code`, `default`. */
  readonly source: string
}

const sourceOf = (origin: ConfigOrigin.Origin | undefined): string => {
  if (origin === undefined) return "default"
  const { file, kind, line, name, text } = origin
  const where = file === undefined ? undefined : line === undefined ? file : `${file}:${line}`
  switch (kind) {
    case "default":
      return "code"
    case "file":
      return where ?? name
    case "flag":
      return name
    case "variable":
      // a variable that code names and nobody set: code says what goes without it
      return text === undefined || text === "" ? "code" : where === undefined ? name : `${name} in ${where}`
  }
}

/** Every key of every section, and what else is set, in the order of the Schemas. Fails as starting the app would. */
export const values = <Config>(
  app: App<Config>,
  { config }: Pick<Loaded, "config">
): Effect.Effect<ReadonlyArray<Value>, AppConfig.ConfigInvalid> =>
  Effect.map(AppConfig.decode(app.plugins, config), (decoded) =>
    app.plugins.flatMap(({ config: schema, name }) =>
      schema === undefined
        ? []
        : fieldsOf(schema, config[name]).map(({ path, secret }): Value => {
            const given = atPath(config[name], path)
            const value = given === undefined ? atPath(decoded.get(name), path) : given
            return {
              path: [name, ...path].join("."),
              value: shown(value, secret),
              source: given === undefined ? "default" : sourceOf(ConfigOrigin.originOf(config, [name, ...path]))
            }
          })
    )
  )

const padded = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = rows.reduce<Array<number>>(
    (known, row) => row.map((cell, column) => Math.max(known[column] ?? 0, cell.length)),
    []
  )
  return rows
    .map((row) =>
      row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join("  ")
    )
    .map((line) => line.trimEnd())
    .join("\n")
}

/** Lines of three columns: key, value, source. */
export const table = (list: ReadonlyArray<Value>): string =>
  padded([["key", "value", "source"], ...list.map(({ path, source, value }) => [path, value ?? "–", source])])

/** The variable that sets a key: `MY_CHAT_HTTP__MAX_HEADER_BYTES`. */
export const variableOf = (name: string, path: ReadonlyArray<string>): string =>
  prefixOf(name) + path.map(variablePart).join("__")

interface Section {
  readonly name: string
  readonly fields: ReadonlyArray<Field>
}

const sectionsOf = <Config>(app: App<Config>): ReadonlyArray<Section> =>
  app.plugins.flatMap(({ config, name }) =>
    config === undefined ? [] : [{ name, fields: fieldsOf(config, undefined) }]
  )

/** The text of a `.env.example`: every variable of the app, commented out, with what it is. */
export const envExample = <Config>(app: App<Config>, name: string): string =>
  sectionsOf(app)
    .map((section) =>
      section.fields
        .flatMap(({ about, path, secret, type }) => [
          ...(about === undefined ? [] : [`# ${about.replaceAll("\n", " ")}`]),
          `# ${variableOf(name, [section.name, ...path])}=${secret ? "" : `<${type}>`}`
        ])
        .join("\n")
    )
    .filter((text) => text !== "")
    .join("\n\n")
    .concat("\n")

const cell = (text: string): string => text.replaceAll("\n", " ").replaceAll("|", "\\|")

/** A page of Markdown: a table for each section. */
export const reference = <Config>(app: App<Config>, name: string): string =>
  [
    "# Configuration",
    ...sectionsOf(app).map((section) =>
      [
        `## ${section.name}`,
        "",
        "| key | variable | type | required | what it is |",
        "|---|---|---|---|---|",
        ...section.fields.map(({ about, path, required, secret, type }) => {
          const key = [section.name, ...path].join(".")
          const variable = variableOf(name, [section.name, ...path])
          const kind = `${cell(type)}${secret ? ", secret" : ""}`
          return `| \`${key}\` | \`${variable}\` | ${kind} | ${required ? "yes" : "no"} | ${cell(about ?? "")} |`
        })
      ].join("\n")
    )
  ]
    .join("\n\n")
    .concat("\n")
