/** What other plugins may add to the chat. The chat hosts these points; see `src/chat/plugin.ts`. */
import * as Contribution from "@mortise/core/app/Contribution"
import type * as Effect from "effect/Effect"
import type { HistoryUnavailable, NameReserved } from "../contract.ts"
import type { Member } from "./Members.ts"

/** Decides whether a connection may take a name; asked before it enters a room. */
export type NameRule = (member: Member) => Effect.Effect<void, NameReserved | HistoryUnavailable>
export const NameRules = Contribution.point<NameRule>()("chat.name-rules")

/** Told who comes and goes, after it happened. */
export interface Follower {
  readonly joined: (member: Member) => Effect.Effect<void>
  readonly left: (member: Member) => Effect.Effect<void>
}
export const Followers = Contribution.point<Follower>()("chat.followers")
