import * as Plugin from "@mortise/core/app/Plugin"
import { contract } from "@mortise/core/transport/GatewayPlugin"
import { Rooms } from "@mortise/core/transport/Rooms"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as History from "./History.ts"
import { ChatLive } from "./handlers.ts"
import * as Members from "./Members.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const count = (initial: number) => Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(initial)))

/** Serves the chat on whatever transports the app has; its limits are configured under `chat`. */
export const chat = Plugin.define({
  name: "chat",
  config: Schema.Struct({
    membersPerRoom: count(200),
    messagesPerRoom: count(50),
    roomsRemembered: count(100)
  }),
  provides: [Members.Members, History.History],
  requires: [Rooms],
  layer: ({ config }) =>
    Layer.merge(
      Members.layer({ maxPerRoom: config.membersPerRoom }),
      History.layer({ messages: config.messagesPerRoom, rooms: config.roomsRemembered })
    ),
  contributes: [contract(ChatLive)]
})
