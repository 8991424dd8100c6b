import { resolve as resolvePath } from "node:path"
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { nearest } from "../project/Nearest.ts"
import * as PackageManager from "../project/PackageManager.ts"
import { loadFolder, type TemplateEntry, Templates } from "../template/Templates.ts"
import { askText } from "./askText.ts"
import type { Input, Resolved } from "./Stage.ts"

/** A value has no default and nobody can be asked for it. */
export class ValueMissing extends Errors.make<ValueMissing>()(
  "ValueMissing",
  { component: "create-app", code: "CREATE_VALUE_MISSING", status: 400 },
  {
    /** As it is typed: `--template <name>`. */
    flag: Schema.String
  }
) {
  override get message() {
    return `${this.flag} is missing, and there is no terminal to ask on. Give it, or --yes to take the defaults.`
  }
}

export class TemplateNotFound extends Errors.make<TemplateNotFound>()(
  "TemplateNotFound",
  { component: "create-app", code: "CREATE_TEMPLATE_NOT_FOUND", status: 404 },
  {
    template: Schema.String,
    nearest: Schema.NullOr(Schema.String),
    known: Schema.Array(Schema.String)
  }
) {
  override get message() {
    const hint = this.nearest === null ? "" : ` Did you mean ${this.nearest}?`
    return `There is no template ${JSON.stringify(this.template)}.${hint} Templates: ${this.known.join(", ")}.`
  }
}

export class DirectoryNameInvalid extends Errors.make<DirectoryNameInvalid>()(
  "DirectoryNameInvalid",
  { component: "create-app", code: "CREATE_DIRECTORY_NAME_INVALID", status: 400 },
  {
    directory: Schema.String
  }
) {
  override get message() {
    return `${JSON.stringify(this.directory)} cannot be the app's directory: it is empty or has a control character in it. Give another.`
  }
}

/** What is taken with `--yes` when the directory is not given. */
export const defaultDirectory = "my-app"
/** What is taken with `--yes` when the template is not given, and offered first. */
export const defaultTemplate = "minimal"

/** A template is a name of the list, or a folder when it looks like a path. */
export const isFolder = (template: string): boolean => /^(\.{0,2}[\\/]|[A-Za-z]:[\\/])/.test(template)

/** Says where the app goes, what it is made from and who installs it; asks for what is missing when it may. */
export const resolve = Effect.fnUntraced(function* (input: Input) {
  const directory = yield* directoryOf(input)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (directory === "" || /[\u0000-\u001f\u007f]/.test(directory)) return yield* new DirectoryNameInvalid({ directory })
  const entry = yield* templateOf(input)
  const resolved: Resolved = {
    input,
    directory: resolvePath(input.cwd, directory),
    entry,
    packageManager: input.packageManager ?? PackageManager.detect(input.userAgent) ?? "npm"
  }
  return resolved
})

const directoryOf = (input: Input) => {
  if (input.directory !== undefined) return Effect.succeed(input.directory)
  if (input.canAsk) return askText("Where to?", defaultDirectory)
  return input.yes ? Effect.succeed(defaultDirectory) : Effect.fail(new ValueMissing({ flag: "<directory>" }))
}

const templateOf = Effect.fnUntraced(function* (input: Input) {
  if (input.template !== undefined && isFolder(input.template)) {
    return yield* loadFolder(resolvePath(input.cwd, input.template))
  }
  const known = yield* Effect.flatMap(Templates, (templates) => templates.list)
  const find = (name: string): TemplateEntry | undefined => known.find((entry) => entry.manifest.name === name)
  const notFound = (template: string) => {
    const names = known.map((entry) => entry.manifest.name)
    return new TemplateNotFound({ template, nearest: nearest(template, names) ?? null, known: names })
  }
  if (input.template !== undefined) return find(input.template) ?? (yield* notFound(input.template))
  const first = find(defaultTemplate) ?? known[0]
  if (first === undefined) return yield* notFound(defaultTemplate)
  if (input.canAsk) {
    return yield* Prompt.run(
      Prompt.Select({
        message: "From which template?",
        choices: [first, ...known.filter((entry) => entry !== first)].map((entry) => ({
          title: entry.manifest.name,
          description: entry.manifest.summary,
          value: entry
        }))
      })
    )
  }
  return input.yes ? first : yield* new ValueMissing({ flag: "--template <name>" })
})
