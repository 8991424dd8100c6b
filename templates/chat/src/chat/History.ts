import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Message } from "../contract.ts"

export interface Limits {
  /** Messages that are kept of each room. */
  readonly messages: number
  /** Rooms that are remembered; beyond it the one that was silent longest is forgotten. */
  readonly rooms: number
}

/** What was said last in each room, in memory: it is gone when the server restarts. */
export class History extends Context.Service<
  History,
  {
    /** Gives a message its id and its time, and remembers it. */
    readonly add: (said: Pick<Message, "room" | "name" | "text">) => Effect.Effect<Message>
    /** The room's last messages, the oldest first. */
    readonly of: (room: string) => Effect.Effect<ReadonlyArray<Message>>
  }
>()("mortise-app/chat/History") {}

const make = (limits: Limits): History["Service"] => {
  // a Map keeps the order of insertion: the first room is the one that was silent longest
  const rooms = new Map<string, Array<Message>>()
  let lastId = 0
  return {
    add: (said) =>
      Effect.map(Clock.currentTimeMillis, (millis) => {
        const message: Message = { id: ++lastId, ...said, at: new Date(millis) }
        const messages = rooms.get(said.room) ?? []
        messages.push(message)
        if (messages.length > limits.messages) messages.shift()
        rooms.delete(said.room)
        rooms.set(said.room, messages)
        const [silent] = rooms.keys()
        if (rooms.size > limits.rooms && silent !== undefined) rooms.delete(silent)
        return message
      }),
    of: (room) => Effect.sync(() => [...(rooms.get(room) ?? [])])
  }
}

export const layer = (limits: Limits): Layer.Layer<History> => Layer.sync(History, () => History.of(make(limits)))
