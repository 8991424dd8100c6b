import * as Contribution from "@mortise/core/app/Contribution"
import * as Plugin from "@mortise/core/app/Plugin"
import { EventBus } from "@mortise/core/events/EventBus"
import { handler } from "@mortise/core/events/EventsPlugin"
import * as Effect from "effect/Effect"
import type { Member } from "../chat/Members.ts"
import { Followers } from "../chat/points.ts"
import { MemberJoined, MemberLeft } from "./events.ts"

/** A bus that cannot be reached is told to the log; nobody is kept out of a room by it. */
const announce = (bus: EventBus["Service"], event: typeof MemberJoined | typeof MemberLeft) => (member: Member) =>
  Effect.catch(bus.publish(event, { name: member.name }, { at: { room: member.room } }), (error) =>
    Effect.logWarning("nobody was told who came or went", error)
  )

/** Publishes who comes and goes, and writes it to the log as an example of who might listen. */
export const announcements = Plugin.define({
  name: "announcements",
  requires: [EventBus],
  contributes: [
    Contribution.contribute(
      Followers,
      Effect.map(EventBus, (bus) => ({ joined: announce(bus, MemberJoined), left: announce(bus, MemberLeft) }))
    ),
    handler(MemberJoined, ({ at, payload }) => Effect.logInfo(`${payload.name} joined #${at.room}`)),
    handler(MemberLeft, ({ at, payload }) => Effect.logInfo(`${payload.name} left #${at.room}`))
  ]
})
