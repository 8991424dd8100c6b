import * as Contribution from "@mortise/core/app/Contribution"
import * as Plugin from "@mortise/core/app/Plugin"
import { contract } from "@mortise/core/transport/GatewayPlugin"
import { Rooms } from "@mortise/core/transport/Rooms"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { History } from "../history/History.ts"
import { ChatLive } from "./handlers.ts"
import * as Members from "./Members.ts"
import { Followers, NameRules } from "./points.ts"
import { Turns } from "./Turns.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

/** Serves the chat on whatever transports the app has; its limits are configured under `chat`. */
export const chat = Plugin.define({
  name: "chat",
  config: Schema.Struct({ membersPerRoom: Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(200))) }),
  provides: [Members.Members, Turns],
  requires: [Rooms, History],
  layer: ({ config }) => Layer.mergeAll(Members.layer({ maxPerRoom: config.membersPerRoom }), Turns.layer),
  contributes: [contract(ChatLive)],
  hosts: [
    Contribution.host(NameRules, (rules) => Effect.flatMap(Members.Members, (members) => members.rule(rules))),
    Contribution.host(Followers, (followers) => Effect.flatMap(Members.Members, (members) => members.follow(followers)))
  ]
})
