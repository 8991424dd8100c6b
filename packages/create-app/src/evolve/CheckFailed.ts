import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import type { KnownPlugin } from "../plugin/KnownPlugin.ts"
import { runCommand } from "../project/PackageManager.ts"
import { isIn, pasteOf, type Wish } from "./Wish.ts"

/** Most lines of the compiler that are shown, and the columns of each. */
const shownLines = 10
const shownColumns = 76

/** The app would not compile. Nothing was written. */
export class CheckFailed extends Errors.make<CheckFailed>()(
  "CheckFailed",
  { component: "create-app", code: "EVOLVE_CHECK_FAILED", status: 422 },
  {
    /** What the compiler says, whole: one entry for each problem, with the lines that explain it. */
    problems: Schema.Array(Schema.String),
    /** What is wrong in one sentence each, where the framework's types say so, with the way out if one is known. */
    causes: Schema.Array(Schema.Struct({ sentence: Schema.String, wayOut: Schema.NullOr(Schema.String) })),
    /** The app's command that shows every problem. */
    checkCommand: Schema.String,
    /** The code to write by hand. */
    paste: Schema.String
  }
) {
  override get message() {
    const causes = this.causes.map(({ sentence, wayOut }) => `${sentence}${wayOut === null ? "" : `\n  ${wayOut}`}\n`)
    const lines = this.problems.flatMap((problem) => problem.split("\n"))
    const more = lines.length - shownLines
    return [
      ...causes,
      "Nothing was changed: the app would not compile. The compiler says:\n",
      ...lines.slice(0, shownLines).map((line) => `  ${clipped(line)}`),
      ...(more <= 0 ? [] : [`  … and ${more} more ${more === 1 ? "line" : "lines"}`]),
      `\nWith --no-check it is written all the same; \`${this.checkCommand}\` then shows the compiler's words in full.`,
      ...(this.paste === "" ? [] : [`\nBy hand it is:\n\n${this.paste}`])
    ].join("\n")
  }
}

const clipped = (line: string): string => (line.length <= shownColumns ? line : `${line.slice(0, shownColumns - 1)}…`)

/** The sentences that `Plugin.compose` has in the place of a type where an app is not whole. */
const sentencesIn = (problems: ReadonlyArray<string>): ReadonlyArray<string> => {
  const found = problems.flatMap((problem) => problem.match(/"✗ (?:[^"\\]|\\.)*"/g) ?? [])
  return [...new Set(found.map((literal) => literal.slice(1, -1).replace(/\\(.)/g, "$1")))]
}

/** Who provides the service that a sentence misses. */
const wayOutOf = (sentence: string, { add, known, remove }: Wish): string | null => {
  const [, service] = /requires "([^"]+)", which no plugin provides$/.exec(sentence) ?? []
  const providers = known.filter(({ provides }) => service !== undefined && provides.includes(service))
  const [first] = providers
  if (first === undefined) return null
  const going = providers.find((plugin) => isIn(remove, plugin))
  if (going !== undefined) return `It comes with ${going.name}, which would be removed.`
  const names = (plugins: ReadonlyArray<KnownPlugin>) => plugins.map(({ name }) => name)
  const from = providers.length === 1 ? first.name : `one of ${names(providers).join(", ")}`
  return add.length === 0
    ? `It comes with ${from}.`
    : `It comes with ${from}: mortise add ${names(add).join(" ")} --with ${first.name}`
}

/** The refusal of a change that does not compile. */
export const checkFailed = (wish: Wish, problems: ReadonlyArray<string>): CheckFailed =>
  new CheckFailed({
    problems,
    causes: sentencesIn(problems).map((sentence) => ({ sentence, wayOut: wayOutOf(sentence, wish) })),
    checkCommand: runCommand(wish.app.packageManager, "check"),
    paste: pasteOf(wish)
  })
