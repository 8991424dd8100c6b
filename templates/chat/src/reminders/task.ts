import * as Task from "@mortise/core/tasks/Task"
import { Name, Room, Text } from "../contract.ts"

/** What is to be said, to whom, and who wanted it. */
export const Remind = Task.make("chat.remind", {
  payload: { room: Room, name: Name, text: Text },
  timeout: "10 seconds"
})
