import * as Plugin from "@mortise/core/app/Plugin"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { Message } from "../contract.ts"
import { History } from "./History.ts"

interface Limits {
  /** Messages that are kept of each room. */
  readonly messagesPerRoom: number
  /** Rooms that are remembered; beyond it the one that was silent longest is forgotten. */
  readonly roomsRemembered: number
}

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
        if (messages.length > limits.messagesPerRoom) messages.shift()
        rooms.delete(said.room)
        rooms.set(said.room, messages)
        const [silent] = rooms.keys()
        if (rooms.size > limits.roomsRemembered && silent !== undefined) rooms.delete(silent)
        return message
      }),
    of: (room) => Effect.sync(() => [...(rooms.get(room) ?? [])])
  }
}

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const count = (initial: number) => Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(initial)))

/** Remembers in memory: what was said is gone when the server restarts. Its limits are configured under `history`. */
export const history = Plugin.define({
  name: "history",
  config: Schema.Struct({ messagesPerRoom: count(50), roomsRemembered: count(100) }),
  provides: [History],
  layer: ({ config }) => Layer.sync(History, () => History.of(make(config)))
})
