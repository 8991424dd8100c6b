import * as Plugin from "@mortise/core/app/Plugin"
import * as Task from "@mortise/core/tasks/Task"
import { Tasks } from "@mortise/core/tasks/Tasks"
import { handlers } from "@mortise/core/tasks/TasksPlugin"
import * as Contract from "@mortise/core/transport/Contract"
import { contract } from "@mortise/core/transport/GatewayPlugin"
import { Rooms } from "@mortise/core/transport/Rooms"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Members } from "../chat/Members.ts"
import { Chat } from "../contract.ts"
import { History } from "../history/History.ts"
import { Reminders, RemindersUnavailable } from "./contract.ts"
import { Remind } from "./task.ts"

const RemindersLive = Contract.implement(Reminders, {
  remind: Effect.fnUntraced(function* ({ minutes, text }, { connection }) {
    const members = yield* Members
    const tasks = yield* Tasks
    const { name, room } = yield* members.get(connection.id)
    const at = DateTime.addDuration(yield* DateTime.now, Duration.minutes(minutes))
    const due = DateTime.toDate(at)
    yield* Effect.catch(tasks.enqueue(Remind, { room, name, text, due }, { at }), (error) =>
      Effect.andThen(Effect.logError("a reminder was not taken down", error), new RemindersUnavailable())
    )
    return due
  })
})

/** A late reminder says how late: the time when it was to be said is another one on each reader's clock. */
const wordOf = (lateMillis: number): string => {
  const minutes = Math.floor(lateMillis / 60_000)
  if (minutes < 1) return "Reminder"
  const hours = Math.floor(minutes / 60)
  const late = hours < 1 ? `${minutes} min` : minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `Reminder, ${late} late`
}

/**
 * Says it as a message of whoever wanted it: who is there hears it, and who comes later, when nobody was, finds it in the
 * history.
 */
const remind = Task.handler(
  Remind,
  Effect.fnUntraced(function* ({ due, name, room, text }) {
    const history = yield* History
    const rooms = yield* Rooms
    const late = (yield* Clock.currentTimeMillis) - due.getTime()
    const message = yield* history.add({ room, name, text: `${wordOf(late)}: ${text}` })
    yield* rooms.publish(room, Chat.events.message, message)
  })
)

/** Says reminders when they are due; what became due while the server was down, when it is back. */
export const reminders = Plugin.define({
  name: "reminders",
  requires: [Tasks, Rooms, Members, History],
  contributes: [contract(RemindersLive), handlers(remind)]
})
