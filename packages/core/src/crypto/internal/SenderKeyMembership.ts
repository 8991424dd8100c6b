/** How a group with sender keys changes: who comes, who goes, and which keys that costs. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Changed, Delivery, Group, Membership } from "../GroupCrypto.ts"
import { GroupError } from "../GroupError.ts"
import * as GroupNotice from "./GroupNotice.ts"
import type { CryptoFault, Primitives } from "./Primitives.ts"
import * as Chain from "./ReceivingChain.ts"
import {
  type Bounds,
  digestOf,
  freshSending,
  next,
  PROTOCOL,
  redact,
  type State,
  stateOf,
  swept,
  withKey
} from "./SenderKeyState.ts"

export interface Context {
  readonly primitives: Primitives
  readonly bounds: Bounds
}

type Result<A> = Effect.fn.Return<A, GroupError | CryptoFault>

const fail = (reason: GroupError["reason"], message: string) => Effect.fail(new GroupError({ reason, message }))

const noticeOf = (group: string, changes: Partial<Omit<GroupNotice.GroupNotice, "group">>): Uint8Array =>
  GroupNotice.encode({ group, members: [], added: [], removed: [], key: undefined, ...changes })

const keyOf = ({ sending }: State): GroupNotice.SenderKey => ({ ...sending, signingKey: sending.signingPublic })

const delivery = (to: ReadonlyArray<string>, payload: Uint8Array): ReadonlyArray<Delivery> =>
  to.length === 0 ? [] : [{ to, payload, confidential: true }]

const others = ({ members, self }: Group): ReadonlyArray<string> => members.filter((member) => member !== self)

const MAX_NAME = 256

/** `group` with other members; drops the keys of those who went. */
const withMembers = Effect.fnUntraced(function* (
  { bounds, primitives }: Context,
  group: Group,
  state: State,
  list: ReadonlyArray<string>
): Result<{ readonly group: Group; readonly state: State }> {
  const members = [...new Set(list)].sort()
  if (members.length > bounds.maxMembers) {
    return yield* fail("too-many-members", `A group has at most ${bounds.maxMembers} members (maxMembers).`)
  }
  if (members.some((name) => name.length === 0 || name.length > MAX_NAME)) {
    return yield* fail("malformed", `The name of a member has 1 to ${MAX_NAME} characters.`)
  }
  const digest = yield* digestOf(primitives, group.id, members)
  const receiving = state.receiving.filter(({ member }) => members.includes(member))
  return { group: { ...group, members }, state: { ...state, digest, receiving } }
})

export const create = Effect.fnUntraced(function* (context: Context, id: string, self: string): Result<Group> {
  const sending = yield* freshSending(context.primitives, yield* Clock.currentTimeMillis)
  const empty: State = { sending, receiving: [], digest: new Uint8Array(0) }
  const bare = { protocol: PROTOCOL, id, self, members: [], generation: 0, secrets: redact(empty) }
  const { group, state } = yield* withMembers(context, bare, empty, [self])
  return { ...group, secrets: redact(state) }
})

export const join = Effect.fnUntraced(function* (
  context: Context,
  self: string,
  from: string,
  payload: Uint8Array
): Result<Changed> {
  const notice = GroupNotice.decode(payload, context.bounds.maxMembers)
  if (notice === undefined) return yield* fail("malformed", "This is not a delivery of a group.")
  if (!notice.members.includes(self) || !notice.members.includes(from)) {
    return yield* fail("not-a-member", `This is no welcome of ${self} by ${from}.`)
  }
  const alone = yield* create(context, notice.group, self)
  const { group, state } = yield* withMembers(context, alone, yield* stateOf(alone), notice.members)
  const known = yield* taking(context, state, from, notice.key)
  return { group: next(group, known), deliveries: delivery(others(group), noticeOf(group.id, { key: keyOf(known) })) }
})

export const add = Effect.fnUntraced(function* (
  context: Context,
  before: Group,
  list: ReadonlyArray<string>
): Result<Changed> {
  const added = list.filter((member) => !before.members.includes(member))
  const { group, state } = yield* withMembers(context, before, yield* stateOf(before), [...before.members, ...added])
  const { id, members } = group
  return {
    group: next(group, state),
    deliveries: [
      // in this order: the new ones write to everybody at once
      ...delivery(others(before), noticeOf(id, { added })),
      ...delivery(added, noticeOf(id, { members, key: keyOf(state) }))
    ]
  }
})

/** New keys for what is sent from now on, with what else the others have to know. */
const rekeyed = Effect.fnUntraced(function* (
  { primitives }: Context,
  group: Group,
  state: State,
  removed: ReadonlyArray<string>
): Result<Changed> {
  const sending = yield* freshSending(primitives, yield* Clock.currentTimeMillis)
  const fresh = { ...state, sending }
  const payload = noticeOf(group.id, { removed, key: keyOf(fresh) })
  return { group: next(group, fresh), deliveries: delivery(others(group), payload) }
})

export const rekey = Effect.fnUntraced(function* (context: Context, group: Group): Result<Changed> {
  return yield* rekeyed(context, group, yield* stateOf(group), [])
})

export const remove = Effect.fnUntraced(function* (
  context: Context,
  before: Group,
  removed: ReadonlyArray<string>
): Result<Changed> {
  const stranger = removed.find((member) => member === before.self || !before.members.includes(member))
  if (stranger !== undefined) return yield* fail("not-a-member", `${stranger} is not another member of ${before.id}.`)
  const left = before.members.filter((member) => !removed.includes(member))
  const { group, state } = yield* withMembers(context, before, yield* stateOf(before), left)
  return yield* rekeyed(context, group, state, removed)
})

export const leave = (group: Group): ReadonlyArray<Delivery> =>
  delivery(others(group), noticeOf(group.id, { removed: [group.self] }))

export const receive = Effect.fnUntraced(function* (
  context: Context,
  before: Group,
  from: string,
  payload: Uint8Array
): Result<Membership> {
  const notice = GroupNotice.decode(payload, context.bounds.maxMembers)
  if (notice === undefined) return yield* fail("malformed", "This is not a delivery of a group.")
  if (notice.group !== before.id)
    return yield* fail("other-group", `This is of group ${notice.group}, not ${before.id}.`)
  if (from === before.self || !before.members.includes(from)) {
    return yield* fail("not-a-member", `${from} is not another member of ${before.id}.`)
  }
  const { self } = before
  const added = notice.added.filter((member) => !before.members.includes(member))
  const removed = notice.removed.filter((member) => before.members.includes(member))
  const left = [...before.members, ...added].filter((member) => !removed.includes(member))
  if (removed.includes(self)) {
    // no key of this side is of any use to the others now
    return { group: before, deliveries: [], added: [], removed }
  }
  const { group, state } = yield* withMembers(context, before, yield* stateOf(before), left)
  const known = removed.includes(from) ? state : yield* taking(context, state, from, notice.key)
  const changed =
    removed.length > 0
      ? yield* rekeyed(context, group, known, [])
      : { group: next(group, known), deliveries: delivery(added, noticeOf(group.id, { key: keyOf(known) })) }
  return { ...changed, added, removed }
})

const taking = Effect.fnUntraced(function* (
  { bounds }: Context,
  state: State,
  member: string,
  key: GroupNotice.SenderKey | undefined
): Result<State> {
  if (key === undefined) return state
  const now = yield* Clock.currentTimeMillis
  const { chainKey, keyId, signingKey } = key
  const receiving = { member, keyId, signingKey, chain: Chain.open(chainKey, key.next) }
  return { ...state, receiving: withKey(swept(state.receiving, bounds, now), receiving, now) }
})
