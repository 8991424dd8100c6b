import { basename } from "node:path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import * as Directory from "../project/Directory.ts"
import { nearest } from "../project/Nearest.ts"
import * as PackageName from "../project/PackageName.ts"
import type { Checked, Loaded } from "./Stage.ts"

/** A flag was given that answers no question of the chosen template. */
export class FlagUnknown extends Errors.make<FlagUnknown>()(
  "FlagUnknown",
  { component: "create-app", code: "CREATE_FLAG_UNKNOWN", status: 400 },
  {
    flag: Schema.String,
    template: Schema.String,
    nearest: Schema.NullOr(Schema.String),
    known: Schema.Array(Schema.String)
  }
) {
  override get message() {
    const hint = this.nearest === null ? "" : ` Did you mean --${this.nearest}?`
    const list =
      this.known.length === 0
        ? "It asks no questions."
        : `Its flags: ${this.known.map((flag) => `--${flag}`).join(", ")}.`
    return `The template ${this.template} has no flag --${this.flag}.${hint} ${list}`
  }
}

/** Checks directory, name and flags before anything is asked: what is refused is refused at once. */
export const check = Effect.fnUntraced(function* (loaded: Loaded) {
  const { directory, input, template } = loaded
  const known = template.manifest.answers.map((answer) => answer.flag)
  for (const flag of Object.keys(input.answers)) {
    if (!known.includes(flag)) {
      return yield* new FlagUnknown({
        flag,
        template: template.manifest.name,
        nearest: nearest(flag, known) ?? null,
        known
      })
    }
  }
  const made = input.name ?? PackageName.fromDirectory(basename(directory))
  if (made === undefined) {
    return yield* new PackageName.PackageNameInvalid({
      name: basename(directory),
      reason: "no package name can be made from the directory's"
    })
  }
  const problem = PackageName.problemOf(made, dependenciesOf(loaded))
  if (problem !== undefined) return yield* new PackageName.PackageNameInvalid({ name: made, reason: problem })
  const leftover = yield* Directory.inspect(directory)
  const checked: Checked = { ...loaded, name: made, leftover }
  return checked
})

/** Names of the packages that the template's package.json depends on. */
const dependenciesOf = (loaded: Loaded): ReadonlyArray<string> => {
  const file = loaded.template.files.find(({ path }) => path === "package.json")
  const content = JSON.parse(String(file?.content ?? "{}")) as Record<string, Record<string, string> | undefined>
  return ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"].flatMap((section) =>
    Object.keys(content[section] ?? {})
  )
}
