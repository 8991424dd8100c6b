import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type HistoryUnavailable, type NameReserved, NameTaken, NotJoined, RoomFull } from "../contract.ts"
import type { Follower, NameRule } from "./points.ts"

/** A connection that has a name and is in a room. */
export interface Member {
  readonly connection: string
  readonly name: string
  readonly room: string
}

/** Who is where. Holds one entry for each connection that has joined, and forgets it when that closes. */
export class Members extends Context.Service<
  Members,
  {
    /** Takes a name and a room in one step, if the rules allow the name; gives what the connection had before. */
    readonly enter: (
      member: Member
    ) => Effect.Effect<Member | undefined, NameTaken | NameReserved | RoomFull | HistoryUnavailable>
    /** Gives the name back; gives what the connection had. */
    readonly leave: (connection: string) => Effect.Effect<Member | undefined>
    readonly get: (connection: string) => Effect.Effect<Member, NotJoined>
    readonly named: (name: string) => Effect.Effect<Member | undefined>
    /** Names in a room, those who came first at the top. */
    readonly inRoom: (room: string) => Effect.Effect<ReadonlyArray<string>>
    /** The rooms with most members, at most 100: a list that grows without end would not fit into a frame. */
    readonly rooms: Effect.Effect<ReadonlyArray<{ readonly room: string; readonly members: number }>>
    /** Asks these from now on whether a name may be taken. */
    readonly rule: (rules: ReadonlyArray<NameRule>) => Effect.Effect<void>
    /** Tells these from now on who comes and goes. */
    readonly follow: (followers: ReadonlyArray<Follower>) => Effect.Effect<void>
  }
>()("mortise-app/chat/Members") {}

const maxListed = 100

/** Names that look alike are the same: `Ada`, `ada`, and the same in full-width letters. */
export const keyOf = (name: string): string => name.normalize("NFKC").toLowerCase()

const make = (maxPerRoom: number): Members["Service"] => {
  const byConnection = new Map<string, Member>()
  const byName = new Map<string, Member>()
  const byRoom = new Map<string, Set<Member>>()
  let rules: ReadonlyArray<NameRule> = []
  let followers: ReadonlyArray<Follower> = []

  const remove = (member: Member): void => {
    byConnection.delete(member.connection)
    byName.delete(keyOf(member.name))
    const room = byRoom.get(member.room)
    room?.delete(member)
    if (room?.size === 0) byRoom.delete(member.room)
  }

  return {
    enter: Effect.fnUntraced(function* (member) {
      for (const rule of rules) yield* rule(member)
      // nothing from here on waits until the name is taken, so no other connection comes in between
      const { connection, name, room } = member
      const holder = byName.get(keyOf(name))
      if (holder !== undefined && holder.connection !== connection) return yield* new NameTaken({ name })
      const before = byConnection.get(connection)
      const there = byRoom.get(room) ?? new Set()
      if (before?.room !== room && there.size >= maxPerRoom) return yield* new RoomFull({ room })
      if (before !== undefined) remove(before)
      byConnection.set(connection, member)
      byName.set(keyOf(name), member)
      byRoom.set(room, there.add(member))
      if (before?.name === name && before.room === room) return before
      for (const follower of followers) {
        if (before !== undefined) yield* follower.left(before)
        yield* follower.joined(member)
      }
      return before
    }),
    leave: Effect.fnUntraced(function* (connection) {
      const member = byConnection.get(connection)
      if (member === undefined) return undefined
      remove(member)
      for (const follower of followers) yield* follower.left(member)
      return member
    }),
    get: (connection) =>
      Effect.suspend(() => {
        const member = byConnection.get(connection)
        return member === undefined ? Effect.fail(new NotJoined()) : Effect.succeed(member)
      }),
    named: (name) => Effect.sync(() => byName.get(keyOf(name))),
    inRoom: (room) => Effect.sync(() => Array.from(byRoom.get(room) ?? [], (member) => member.name)),
    rooms: Effect.sync(() =>
      Array.from(byRoom, ([room, members]) => ({ room, members: members.size }))
        .sort((a, b) => b.members - a.members)
        .slice(0, maxListed)
    ),
    rule: (given) => Effect.sync(() => void (rules = given)),
    follow: (given) => Effect.sync(() => void (followers = given))
  }
}

export const layer = (options: { readonly maxPerRoom: number }): Layer.Layer<Members> =>
  Layer.sync(Members, () => Members.of(make(options.maxPerRoom)))
