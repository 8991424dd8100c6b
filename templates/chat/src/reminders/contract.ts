import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"
import { Name, NotJoined, Room, Text } from "../contract.ts"

/** A day at most: who wants to be reminded later has a calendar. */
const Minutes = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1440 }))

/** The reminder was not taken down; ask again. */
export class RemindersUnavailable extends Schema.TaggedError<RemindersUnavailable>()("RemindersUnavailable", {}) {}

/** What may be said about reminders, over the chat's connection. */
export const Reminders = Contract.make("reminders", {
  requests: {
    /** Says a text to the room after some minutes, in the name of whoever asked; answered with the time. */
    remind: {
      payload: { minutes: Minutes, text: Text },
      success: Schema.Date,
      error: Schema.Union([NotJoined, RemindersUnavailable])
    }
  },
  events: { reminded: { payload: { room: Room, name: Name, text: Text } } }
})
