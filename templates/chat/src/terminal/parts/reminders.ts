import * as Effect from "effect/Effect"
import { help, parse, usage } from "../../reminders/command.ts"
import { Reminders } from "../../reminders/contract.ts"
import * as Part from "../Part.ts"
import { timeOf } from "../time.ts"

export const part = Part.make({
  contracts: { reminders: Reminders },
  start: ({ notice }, { reminders }) =>
    Effect.succeed([
      {
        name: "remind",
        help,
        run: (rest) => {
          const wanted = parse(rest)
          if (wanted === undefined) return Effect.sync(() => notice(usage))
          return Effect.map(reminders.request.remind(wanted), (at) => notice(`It will be said at ${timeOf(at)}.`))
        }
      }
    ])
})
