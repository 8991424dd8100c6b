import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"

/** What a person is called: no spaces, so that it can be typed into a command. */
export const Name = Schema.String.check(
  Schema.isPattern(/^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.-]{0,23}$/u, {
    expected: "a name of 1 to 24 letters, digits, dots, dashes and underscores"
  })
)

export const Room = Schema.String.check(
  Schema.isPattern(/^[a-z0-9][a-z0-9-]{0,31}$/, {
    expected: "a room of 1 to 32 small letters, digits and dashes"
  })
)

/**
 * What is said: no control characters but newline and tab, none that turn the direction of writing, so that one message
 * cannot disturb a terminal or pretend to be another.
 */
export const Text = Schema.String.check(
  Schema.isMaxLength(2000),
  Schema.isPattern(/\S/, { expected: "a text that is not empty" }),
  Schema.isPattern(/^(?:[\n\t]|[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069])*$/u, {
    expected: "a text of printable characters"
  })
)

export const Message = Schema.Struct({
  /** Grows with every message; unique for as long as the history is kept. */
  id: Schema.Int,
  room: Room,
  name: Name,
  text: Text,
  at: Schema.Date
})
export type Message = typeof Message.Type

/** Somebody else has this name; two that differ only in case are the same. */
export class NameTaken extends Schema.TaggedError<NameTaken>()("NameTaken", { name: Name }) {}

/** The name belongs to an account, and this connection has not signed in to it. */
export class NameReserved extends Schema.TaggedError<NameReserved>()("NameReserved", { name: Name }) {}

/** What was said cannot be kept or looked up just now; it was not said. */
export class HistoryUnavailable extends Schema.TaggedError<HistoryUnavailable>()("HistoryUnavailable", {}) {}

export class RoomFull extends Schema.TaggedError<RoomFull>()("RoomFull", { room: Room }) {}

/** This needs a name and a room: join first. */
export class NotJoined extends Schema.TaggedError<NotJoined>()("NotJoined", {}) {}

/** How large a whisper may be, in bytes. The server does not look into it, so this is all that it can check. */
export const maxWhisperBytes = 8192

const Presence = { room: Room, name: Name }

/** What may be said. Server, clients and tests follow from this one value. */
export const Chat = Contract.make("chat", {
  requests: {
    /** Takes a name and enters a room. A second join moves there, or changes the name. */
    join: {
      payload: Presence,
      success: Schema.Struct({ members: Schema.Array(Name), history: Schema.Array(Message) }),
      error: Schema.Union([NameTaken, NameReserved, RoomFull, HistoryUnavailable])
    },
    /** Says something to the room; answered with the message's id. Everyone there gets the same messages in the same order. */
    say: { payload: { text: Text }, success: Schema.Int, error: Schema.Union([NotJoined, HistoryUnavailable]) },
    /** Who is in the room. */
    who: { success: Schema.Array(Name), error: NotJoined },
    /** Rooms with somebody in them. */
    rooms: { success: Schema.Array(Schema.Struct({ room: Room, members: Schema.Int })) }
  },
  signals: {
    /** The caller is typing; clients send it at most every few seconds. */
    type: {}
  },
  events: {
    message: { payload: Message },
    joined: { payload: Presence },
    left: { payload: Presence },
    // worth nothing when it comes late, so a slow client goes without
    typing: { payload: Presence, whenSlow: "drop" }
  },
  /** `whisper` goes to one person, by name. The bytes are theirs alone; the server adds who sent them. */
  relays: ["whisper"]
})
