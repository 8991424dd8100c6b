import * as Schema from "effect/Schema"

/** Text that is written into one line of a file or of the terminal: no control character, no line end of any kind. */
export const Line = Schema.String.check(
  Schema.isMaxLength(500),
  // JavaScript ends a line at U+2028 and U+2029 as well
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  Schema.isPattern(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/)
)

/** Variables that change how programs run, which no plugin may ask for: an `.env` made from `.env.example` would set them. */
const reserved = /^(?:PATH|HOME|SHELL|IFS|ENV|BASH_ENV|(?:NODE|NPM|LD|DYLD|GIT|SSL)_.*)$/

const isOfType = (entry: { readonly type: string; readonly default?: unknown }): boolean =>
  entry.default === undefined ||
  (entry.type === "integer" ? Number.isInteger(entry.default) : typeof entry.default === entry.type)

/** Checks one key of a plugin's configuration; the type is `ConfigEntry` of {@link file://./Template.ts Template.ts}. */
export const ConfigEntry = Schema.Struct({
  path: Schema.String.check(
    Schema.isMaxLength(200),
    Schema.isPattern(/^[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[A-Za-z][A-Za-z0-9]*)+$/)
  ),
  env: Schema.String.check(
    Schema.isMaxLength(100),
    Schema.isPattern(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/),
    Schema.makeFilter((name: string) => !reserved.test(name) || `${name} is a variable of the system`)
  ),
  type: Schema.Literals(["string", "number", "integer", "boolean"]),
  default: Schema.optionalKey(Schema.Union([Line, Schema.Finite, Schema.Boolean])),
  doc: Line,
  secret: Schema.optionalKey(Schema.Boolean)
}).check(
  Schema.makeFilter(
    (entry: { readonly path: string; readonly type: string; readonly default?: unknown }) =>
      isOfType(entry) || `the default of ${entry.path} is no ${entry.type}`
  )
)
