import * as Task from "@mortise/core/tasks/Task"
import * as Schema from "effect/Schema"
import { HistoryUnavailable, Name, Room, Text } from "../contract.ts"

/** What is to be said, where, who wanted it, and when it was to be said. */
export const Remind = Task.make("chat.remind", {
  payload: { room: Room, name: Name, text: Text, due: Schema.Date },
  error: HistoryUnavailable,
  // about an hour, until the history is back
  retry: { tries: 12 },
  timeout: "10 seconds"
})
