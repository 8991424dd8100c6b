import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"
import { NotJoined, Text } from "../contract.ts"
import { maxMinutes } from "./command.ts"

const Minutes = Schema.Int.check(
  Schema.isBetween({ minimum: 1, maximum: maxMinutes }, { expected: `minutes from 1 to ${maxMinutes}, a day` })
)

/** It is said as a message, with a word before it. */
const Reminder = Text.check(Schema.isMaxLength(1900))

/** The reminder was not taken down; ask again. */
export class RemindersUnavailable extends Schema.TaggedError<RemindersUnavailable>()("RemindersUnavailable", {}) {}

/** What may be said about reminders, over the chat's connection. */
export const Reminders = Contract.make("reminders", {
  requests: {
    /** Says a text to the room after some minutes, in the name of whoever asked; answered with the time. */
    remind: {
      payload: { minutes: Minutes, text: Reminder },
      success: Schema.Date,
      error: Schema.Union([NotJoined, RemindersUnavailable])
    }
  }
})
