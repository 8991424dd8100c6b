import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import { showAnswer } from "./showAnswer.ts"

/**
 * Asks for a line of text; an empty answer takes the default, which the question shows. (A default that is given to the
 * prompt itself stands in the line already, and has to be deleted before another can be typed.)
 */
export const askText = Effect.fnUntraced(function* (
  question: string,
  initial: string,
  problemOf: (value: string) => string | undefined = () => undefined
) {
  const message = `${question} (${initial})`
  const taken = (value: string): string => (value.trim() === "" ? initial : value.trim())
  const typed = yield* Prompt.run(
    Prompt.String({
      message,
      validate: (value) => {
        const problem = problemOf(taken(value))
        return problem === undefined ? Effect.succeed(value) : Effect.fail(problem)
      }
    })
  )
  if (typed.trim() === "") yield* showAnswer(message, initial)
  return taken(typed)
})
