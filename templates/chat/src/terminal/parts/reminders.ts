import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Reminders } from "../../reminders/contract.ts"
import * as Part from "../Part.ts"

export const part = Part.make({
  contracts: { reminders: Reminders },
  start: Effect.fnUntraced(function* (terminal, { reminders }) {
    const tell = Stream.runForEach(reminders.events.reminded, ({ name, text }) =>
      Effect.sync(() => terminal.notice(`${name} wanted this said: ${text}`))
    )
    yield* Effect.forkScoped(Effect.ignore(tell), { startImmediately: true })
    return [
      {
        name: "remind",
        help: "/remind MINUTES TEXT",
        run: (rest) => {
          const [, minutes, text] = /^(\d+)\s+(.+)$/s.exec(rest) ?? []
          if (text === undefined) return Effect.sync(() => terminal.notice("/remind MINUTES TEXT"))
          return Effect.map(reminders.request.remind({ minutes: Number(minutes), text }), (at) =>
            terminal.notice(`It will be said at ${at.toTimeString().slice(0, 5)}.`)
          )
        }
      }
    ]
  })
})
