import * as Schema from "effect/Schema"
import { ConfigEntry } from "./ConfigEntry.ts"
import type { Part as PartType, TemplateManifest } from "./Template.ts"

const Json = Schema.Json
const Path = Schema.Array(Schema.Union([Schema.String, Schema.Finite]))
const Place = Schema.Union([
  Schema.Struct({ file: Schema.String, json: Path }),
  Schema.Struct({ file: Schema.String, constant: Schema.String, path: Schema.optionalKey(Path) }),
  Schema.Struct({ file: Schema.String, text: Schema.Literal(true) })
])
const AnswerBase = {
  name: Schema.String.check(Schema.isPattern(/^[a-z][A-Za-z0-9]*$/)),
  flag: Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)),
  question: Schema.String,
  places: Schema.optionalKey(Schema.Array(Place))
}
/** A TCP port; 0 lets the system choose. */
export const Port = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThanOrEqualTo(65535))

const Answer = Schema.Union([
  Schema.Struct({ ...AnswerBase, kind: Schema.Literal("port"), default: Port }),
  Schema.Struct({
    ...AnswerBase,
    kind: Schema.Literal("text"),
    default: Schema.String,
    pattern: Schema.optionalKey(Schema.String)
  }),
  Schema.Struct({
    ...AnswerBase,
    kind: Schema.Literal("choice"),
    default: Schema.String,
    choices: Schema.Array(Schema.String)
  }),
  Schema.Struct({ ...AnswerBase, kind: Schema.Literal("confirm"), default: Schema.Boolean })
])
const Condition = Schema.Struct({
  answer: Schema.String,
  is: Schema.Union([Schema.String, Schema.Finite, Schema.Boolean])
})
const PluginUse = Schema.Struct({
  from: Schema.String,
  name: Schema.String,
  args: Schema.optionalKey(Schema.Array(Json)),
  when: Schema.optionalKey(Condition),
  comment: Schema.optionalKey(Schema.String)
})
const Next = Schema.Array(Schema.Struct({ command: Schema.String, purpose: Schema.String }))
const PluginName = Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/))
const Part = Schema.Struct({
  with: Schema.NonEmptyArray(PluginName),
  without: Schema.optionalKey(Schema.Array(PluginName)),
  files: Schema.optionalKey(
    Schema.Array(Schema.Union([Schema.String, Schema.Struct({ from: Schema.String, to: Schema.String })]))
  ),
  drops: Schema.optionalKey(Schema.Array(Schema.String)),
  plugins: Schema.optionalKey(
    Schema.Array(Schema.Struct({ ...PluginUse.fields, replaces: Schema.optionalKey(Schema.String) }))
  ),
  scripts: Schema.optionalKey(Schema.Array(Schema.String)),
  dependencies: Schema.optionalKey(Schema.Array(Schema.String)),
  config: Schema.optionalKey(Schema.Array(ConfigEntry)),
  next: Schema.optionalKey(Next)
})

/** Checks a manifest that was read from a package or a folder; the type is {@link TemplateManifest}. */
export const Manifest = Schema.Struct({
  name: Schema.String,
  summary: Schema.String,
  sentinel: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/))),
  answers: Schema.Array(Answer),
  app: Schema.Struct({
    file: Schema.optionalKey(Schema.String),
    export: Schema.optionalKey(Schema.String),
    doc: Schema.optionalKey(Schema.String),
    plugins: Schema.NonEmptyArray(PluginUse)
  }),
  conditions: Schema.optionalKey(Schema.Array(Schema.Struct({ path: Schema.String, when: Condition }))),
  parts: Schema.optionalKey(Schema.Array(Part)),
  omit: Schema.optionalKey(Schema.Array(Schema.String)),
  next: Schema.optionalKey(Next)
})

/** Flags that `create` has itself; no question may take one. */
export const ownFlags = [
  "template",
  "with",
  "name",
  "package-manager",
  "install",
  "git",
  "yes",
  "dry-run",
  "json",
  "cwd",
  "help",
  "version",
  "completions"
]

/** What no Schema of one field can see: names used twice, and answers that no question gives. */
const problemsOf = (manifest: TemplateManifest): ReadonlyArray<string> => {
  const { answers, app, conditions = [], parts = [] } = manifest
  const names = answers.map(({ name }) => name)
  const flags = answers.map(({ flag }) => flag)
  const twice = (values: ReadonlyArray<string>) => values.filter((value, index) => values.indexOf(value) !== index)
  const uses = [...app.plugins, ...parts.flatMap(({ plugins = [] }) => plugins)]
  const used = [...conditions.map(({ when }) => when), ...uses.flatMap(({ when }) => when ?? [])]
  return [
    ...twice(names).map((name) => `two answers are called ${name}`),
    ...twice(flags).map((flag) => `two answers have the flag --${flag}`),
    ...flags.filter((flag) => ownFlags.includes(flag)).map((flag) => `--${flag} is a flag of create itself`),
    ...used
      .filter(({ answer }) => !names.includes(answer))
      .map(({ answer }) => `a condition names the answer ${answer}, which no question gives`),
    ...parts.flatMap((part, index) => [...variantProblems(part), ...replaceProblems(manifest, part, index)]),
    ...answers.flatMap((answer) => {
      if (answer.kind === "choice" && !answer.choices.includes(answer.default)) {
        return [`the default of ${answer.name} is not one of its choices`]
      }
      return answer.kind === "text" &&
        answer.pattern !== undefined &&
        !new RegExp(`^(?:${answer.pattern})$`, "u").test(answer.default)
        ? [`the default of ${answer.name} does not match its pattern`]
        : []
    })
  ]
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1)

const variantProblems = ({ files = [] }: PartType): ReadonlyArray<string> =>
  files.flatMap((file) =>
    typeof file === "string" || folderOf(file.from) === folderOf(file.to)
      ? []
      : [`${file.from} and ${file.to}, whose place it takes, are not in one folder`]
  )

/** An entry that is replaced must be there: in the app's own list, or in that of this or an earlier part. */
const replaceProblems = ({ app, parts = [] }: TemplateManifest, part: PartType, index: number) => {
  const known = [...app.plugins, ...parts.slice(0, index + 1).flatMap(({ plugins = [] }) => plugins)]
  return (part.plugins ?? [])
    .filter(({ replaces }) => replaces !== undefined && !known.some(({ name }) => name === replaces))
    .map(({ name, replaces }) => `${name} replaces ${replaces}, which is no entry of the app or of an earlier part`)
}

/** Decodes unknown data to a manifest; throws an Error that says all that is wrong with it. */
export const decodeManifest = (input: unknown): TemplateManifest => {
  // Schema.Json is wider than the manifest's own Json by mutability only
  const manifest = Schema.decodeUnknownSync(Manifest, { onExcessProperty: "error" })(input) as TemplateManifest
  const problems = problemsOf(manifest)
  if (problems.length > 0) throw new Error(problems.join("; "))
  return manifest
}
