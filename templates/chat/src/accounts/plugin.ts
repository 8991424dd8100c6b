import * as Contribution from "@mortise/core/app/Contribution"
import * as Plugin from "@mortise/core/app/Plugin"
import { AccountStore } from "@mortise/core/auth/AccountStore"
import { Auth } from "@mortise/core/auth/Auth"
import * as Contract from "@mortise/core/transport/Contract"
import { contract } from "@mortise/core/transport/GatewayPlugin"
import { Rooms } from "@mortise/core/transport/Rooms"
import * as Effect from "effect/Effect"
import { Members } from "../chat/Members.ts"
import { NameRules } from "../chat/points.ts"
import { Chat } from "../contract.ts"
import { Names } from "./contract.ts"
import * as Owners from "./Owners.ts"

/** Takes a name from a connection that has no right to it, and tells it and its room. */
const takeAway = Effect.fnUntraced(function* (connection: string) {
  const members = yield* Members
  const rooms = yield* Rooms
  const member = yield* members.leave(connection)
  if (member === undefined) return
  const { name, room } = member
  yield* rooms.leave(room, connection)
  yield* rooms.publish(room, Chat.events.left, { room, name })
  yield* rooms.send(connection, Names.events.lost, { name })
})

const NamesLive = Contract.implement(
  Names,
  {},
  {
    authenticated: Effect.fnUntraced(function* ({ connection: { id }, principal }) {
      const members = yield* Members
      const owners = yield* Owners.Owners
      const { name } = principal.claims
      yield* owners.signedIn({ connection: id, name })
      // somebody may have had the name before it belonged to an account
      const holder = yield* members.named(name)
      if (holder !== undefined && !(yield* owners.owns(holder.connection, name))) yield* takeAway(holder.connection)
    }),
    signedOut: Effect.fnUntraced(function* ({ connection: { id }, principal }) {
      const members = yield* Members
      const owners = yield* Owners.Owners
      yield* owners.signedOut(id)
      const holder = yield* members.named(principal.claims.name)
      if (holder?.connection === id) yield* takeAway(id)
    }),
    closed: ({ connection: { id } }) => Effect.flatMap(Owners.Owners, (owners) => owners.signedOut(id))
  }
)

/** Keeps the names of accounts for those who have signed in to them. */
export const names = Plugin.define({
  name: "names",
  provides: [Owners.Owners],
  requires: [AccountStore, Auth, Members, Rooms],
  layer: () => Owners.layer,
  contributes: [
    contract(NamesLive),
    Contribution.contribute(
      NameRules,
      Effect.map(Owners.Owners, ({ rule }) => rule)
    )
  ]
})
