import * as Event from "@mortise/core/events/Event"
import { Name } from "../contract.ts"

/** Who came and went, for the rest of the app, or for other apps on the same bus: `chat.*.joined`, `chat.lobby.>`. */
export const MemberJoined = Event.make("chat.{room}.joined", { payload: { name: Name } })
export const MemberLeft = Event.make("chat.{room}.left", { payload: { name: Name } })
