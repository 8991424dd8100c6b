import { displayWidth } from "effect/cli/CliOutput"
import * as Prompt from "effect/cli/Prompt"
import * as Effect from "effect/Effect"
import * as Terminal from "effect/Terminal"

/**
 * Writes an answer behind the question that has just been answered with return alone: the library shows what was typed,
 * and a default was not.
 */
export const showAnswer = Effect.fnUntraced(function* (question: string, answer: string) {
  const terminal = yield* Terminal.Terminal
  const theme = yield* Prompt.Theme
  const columns = (yield* terminal.columns) || 80
  const column = displayWidth(`${theme.tick} ${question} ${theme.ellipsis} `) % columns
  // the cursor is at the beginning of the line below
  yield* terminal.display(`\u001B[1A\u001B[${column + 1}G${answer}\n`).pipe(Effect.orDie)
})
