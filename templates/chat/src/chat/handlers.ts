import * as Contract from "@mortise/core/transport/Contract"
import { Rooms } from "@mortise/core/transport/Rooms"
import * as Effect from "effect/Effect"
import { Chat, maxWhisperBytes } from "../contract.ts"
import { History } from "../history/History.ts"
import { type Member, Members } from "./Members.ts"
import { Turns } from "./Turns.ts"

/** Tells the room that somebody is not in it any more. */
const tellLeft = ({ name, room }: Member) =>
  Effect.flatMap(Rooms, (rooms) => rooms.publish(room, Chat.events.left, { room, name }))

/** One function for each message of the contract; a missing or a wrong one does not compile. */
export const ChatLive = Contract.implement(
  Chat,
  {
    join: Effect.fnUntraced(function* ({ name, room }, { connection: { id } }) {
      const members = yield* Members
      const rooms = yield* Rooms
      const history = yield* History
      const before = yield* members.enter({ connection: id, name, room })
      const isNew = before === undefined || before.name !== name || before.room !== room
      if (before !== undefined && isNew) {
        yield* rooms.leave(before.room, id)
        yield* tellLeft(before)
      }
      yield* rooms.join(room, id)
      if (isNew) yield* rooms.publish(room, Chat.events.joined, { room, name }, { except: id })
      return { members: yield* members.inRoom(room), history: yield* history.of(room) }
    }),

    say: Effect.fnUntraced(function* ({ text }, { connection }) {
      const members = yield* Members
      const rooms = yield* Rooms
      const history = yield* History
      const turns = yield* Turns
      const { name, room } = yield* members.get(connection.id)
      const told = Effect.flatMap(history.add({ room, name, text }), (message) =>
        Effect.as(rooms.publish(room, Chat.events.message, message), message.id)
      )
      return yield* turns.inTurn(room)(told)
    }),

    who: Effect.fnUntraced(function* (_, { connection }) {
      const members = yield* Members
      const { room } = yield* members.get(connection.id)
      return yield* members.inRoom(room)
    }),

    rooms: () => Effect.flatMap(Members, (members) => members.rooms),

    type: Effect.fnUntraced(
      function* (_, { connection }) {
        const members = yield* Members
        const rooms = yield* Rooms
        const { name, room } = yield* members.get(connection.id)
        yield* rooms.publish(room, Chat.events.typing, { room, name }, { except: connection.id })
      },
      // a signal has no answer, so there is nobody to tell
      Effect.catchTag("NotJoined", () => Effect.void)
    ),

    whisper: Effect.fnUntraced(
      function* ({ size, to }, { connection }) {
        const members = yield* Members
        const sender = yield* members.get(connection.id)
        const recipient = yield* members.named(to)
        const isFine = recipient !== undefined && size <= maxWhisperBytes
        return { to: isFine ? [recipient.connection] : [], from: sender.name }
      },
      Effect.catchTag("NotJoined", () => Effect.succeed({ to: [] }))
    )
  },
  {
    closed: Effect.fnUntraced(function* ({ connection }) {
      const members = yield* Members
      const member = yield* members.leave(connection.id)
      if (member !== undefined) yield* tellLeft(member)
    })
  }
)
