import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"

/**
 * Asks for a line of text; an empty answer takes the default, which the question shows. (A default that is given to the
 * prompt itself stands in the line already, and has to be deleted before another can be typed.)
 */
export const askText = (
  question: string,
  initial: string,
  problemOf: (value: string) => string | undefined = () => undefined
) => {
  const taken = (value: string): string => (value.trim() === "" ? initial : value.trim())
  return Prompt.run(
    Prompt.map(
      Prompt.String({
        message: `${question} (${initial})`,
        validate: (value) => {
          const problem = problemOf(taken(value))
          return problem === undefined ? Effect.succeed(value) : Effect.fail(problem)
        }
      }),
      taken
    )
  )
}
