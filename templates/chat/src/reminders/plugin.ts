import * as Plugin from "@mortise/core/app/Plugin"
import * as Task from "@mortise/core/tasks/Task"
import { Tasks } from "@mortise/core/tasks/Tasks"
import { handlers } from "@mortise/core/tasks/TasksPlugin"
import * as Contract from "@mortise/core/transport/Contract"
import { contract } from "@mortise/core/transport/GatewayPlugin"
import { Rooms } from "@mortise/core/transport/Rooms"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Members } from "../chat/Members.ts"
import { Reminders, RemindersUnavailable } from "./contract.ts"
import { Remind } from "./task.ts"

const RemindersLive = Contract.implement(Reminders, {
  remind: Effect.fnUntraced(function* ({ minutes, text }, { connection }) {
    const members = yield* Members
    const tasks = yield* Tasks
    const { name, room } = yield* members.get(connection.id)
    const at = DateTime.addDuration(yield* DateTime.now, Duration.minutes(minutes))
    yield* Effect.catch(tasks.enqueue(Remind, { room, name, text }, { at }), (error) =>
      Effect.andThen(Effect.logError("a reminder was not taken down", error), new RemindersUnavailable())
    )
    return DateTime.toDate(at)
  })
})

/** Says reminders when they are due; what became due while the server was down, when it is back, to whoever is there then. */
export const reminders = Plugin.define({
  name: "reminders",
  requires: [Tasks, Rooms, Members],
  contributes: [
    contract(RemindersLive),
    handlers(
      Task.handler(Remind, (reminder) =>
        Effect.flatMap(Rooms, (rooms) => rooms.publish(reminder.room, Reminders.events.reminded, reminder))
      )
    )
  ]
})
