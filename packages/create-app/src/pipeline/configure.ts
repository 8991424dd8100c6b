import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import type { Answer, Json } from "../template/Template.ts"
import { askText } from "./askText.ts"
import { choosePlugins } from "./choosePlugins.ts"
import type { Checked, Configured, Input } from "./Stage.ts"

/** An answer given by flag is not one that the question takes. */
export class AnswerInvalid extends Errors.make<AnswerInvalid>()(
  "AnswerInvalid",
  { component: "create-app", code: "CREATE_ANSWER_INVALID", status: 422 },
  {
    flag: Schema.String,
    value: Schema.String,
    reason: Schema.String
  }
) {
  override get message() {
    return `--${this.flag} cannot be ${JSON.stringify(this.value)}: ${this.reason}.`
  }
}

/** Why a value is no answer to a question, or undefined when it is one. */
export const problemOf = (answer: Answer, value: string | number | boolean): string | undefined => {
  switch (answer.kind) {
    case "port":
      return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65535
        ? undefined
        : "a port is a whole number from 0 to 65535; 0 lets the system choose"
    case "choice":
      return answer.choices.includes(String(value)) ? undefined : `choose one of ${answer.choices.join(", ")}`
    case "confirm":
      return typeof value === "boolean" ? undefined : "it is yes or no"
    case "text": {
      const text = String(value)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      if (/[\u0000-\u001f\u007f]/.test(text)) return "it has a line break or a control character"
      return answer.pattern === undefined || new RegExp(`^(?:${answer.pattern})$`, "u").test(text)
        ? undefined
        : `it does not match ${answer.pattern}`
    }
  }
}

const ask = (answer: Answer) => {
  const message = answer.question
  switch (answer.kind) {
    case "port":
      return askText(message, String(answer.default), (value) => problemOf(answer, Number(value))).pipe(
        Effect.map(Number)
      )
    case "text":
      return askText(message, answer.default, (value) => problemOf(answer, value))
    case "choice":
      return Prompt.run(
        Prompt.Select({
          message,
          choices: [answer.default, ...answer.choices.filter((choice) => choice !== answer.default)].map((choice) => ({
            title: choice,
            value: choice
          }))
        })
      )
    case "confirm":
      return Prompt.run(Prompt.Confirm({ message, initial: answer.default }))
  }
}

/** The first port that another answer has too; 0 is any free one, so that two of those do not meet. */
const sharedPort = (questions: ReadonlyArray<Answer>, answers: Readonly<Record<string, Json>>) => {
  const flags = new Map<number, string>()
  for (const { kind, name, flag } of questions) {
    const value = answers[name]
    if (kind !== "port" || typeof value !== "number" || value === 0) continue
    const other = flags.get(value)
    if (other !== undefined) return { flag, value, other }
    flags.set(value, flag)
  }
  return undefined
}

/** Answers every question of the template: by flag, by asking, by default. */
export const configure = Effect.fnUntraced(function* (checked: Checked) {
  const { input } = checked
  const answers: Record<string, Json> = {}
  for (const answer of checked.template.manifest.answers) {
    const given = input.answers[answer.flag]
    if (given !== undefined) {
      const problem = problemOf(answer, given)
      if (problem !== undefined) {
        return yield* new AnswerInvalid({ flag: answer.flag, value: String(given), reason: problem })
      }
      answers[answer.name] = given
    } else answers[answer.name] = input.canAsk ? yield* ask(answer) : answer.default
  }
  const shared = sharedPort(checked.template.manifest.answers, answers)
  if (shared !== undefined) {
    const { flag, value, other } = shared
    return yield* new AnswerInvalid({ flag, value: String(value), reason: `--${other} has the same port` })
  }
  const configured: Configured = {
    ...checked,
    answers,
    ...(yield* choosePlugins(checked)),
    install: yield* decide(input, input.install, `Install the dependencies with ${checked.packageManager}?`),
    git: yield* decide(input, input.git, "Make a git repository?")
  }
  return configured
})

const decide = (input: Input, given: boolean | undefined, message: string) => {
  if (given !== undefined) return Effect.succeed(given)
  return input.canAsk && !input.dryRun ? Prompt.run(Prompt.Confirm({ message, initial: true })) : Effect.succeed(true)
}
