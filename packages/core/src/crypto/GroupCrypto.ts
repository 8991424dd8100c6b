/**
 * End-to-end encryption among many. `SenderKeys` is the implementation here; the contract leaves room for one where a change
 * is a commit to all and a welcome to some (MLS, RFC 9420).
 *
 * Groups are values, as sessions are: whatever is done with one gives the next one, to be saved before anything leaves. What
 * fails changes nothing. Members are named as the app names them; that a name and an identity belong together is for the
 * pairwise sessions and `Trust` to know.
 */

import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import type { GroupError } from "./GroupError.ts"
import type { CryptoFault } from "./internal/Primitives.ts"
import type { MessageReplayed, PeerRolledBack } from "./SecureSessionError.ts"

/** One member's view of a group. */
export interface Group {
  /** Name of the implementation that it belongs to. */
  readonly protocol: string
  readonly id: string
  readonly self: string
  /** Sorted, `self` among them. */
  readonly members: ReadonlyArray<string>
  /** Counts the states, as that of a session does. */
  readonly generation: number
  readonly secrets: Redacted.Redacted<unknown>
}

/** Something to be brought to other members. What is `confidential` must go through the pairwise session with each. */
export interface Delivery {
  readonly to: ReadonlyArray<string>
  readonly payload: Uint8Array
  readonly confidential: boolean
}

export interface Changed {
  readonly group: Group
  /** In this order, before any later message of the group. */
  readonly deliveries: ReadonlyArray<Delivery>
}

/** Who came and went by a delivery. An app that does not allow it drops the new value and keeps the old one. */
export interface Membership extends Changed {
  readonly added: ReadonlyArray<string>
  readonly removed: ReadonlyArray<string>
}

export interface Sent extends Changed {
  /** Goes to all members after the deliveries, which are there when it was time for new keys. */
  readonly message: Uint8Array
}

export interface Received {
  readonly group: Group
  readonly sender: string
  readonly plaintext: Uint8Array
  /** False when the sender saw other members than `group` has: a change is under way, or somebody was told otherwise. */
  readonly sameMembers: boolean
}

type Fails = GroupError | CryptoFault

interface Extra {
  /** Authenticated, and not in the message: decrypting needs the same. */
  readonly associatedData?: Uint8Array
}

export interface GroupCryptoShape {
  /** What `Group` values are saved with: JSON, secrets in clear. */
  readonly schema: Schema.Codec<Group, unknown>
  /** A group with one member. `id` is unique among all groups its members will ever have. */
  readonly create: (id: string, self: string) => Effect.Effect<Group, Fails>
  /** Enters the group that `from` has added this member to, by the payload that came through their session. */
  readonly join: (self: string, from: string, payload: Uint8Array) => Effect.Effect<Changed, Fails>
  readonly add: (group: Group, members: ReadonlyArray<string>) => Effect.Effect<Changed, Fails>
  /** Others than `self`. What anybody sends from then on, once they know, the removed cannot read. */
  readonly remove: (group: Group, members: ReadonlyArray<string>) => Effect.Effect<Changed, Fails>
  /** What tells the others that `self` has gone; the group is then to be forgotten. */
  readonly leave: (group: Group) => Effect.Effect<ReadonlyArray<Delivery>, Fails>
  /** New keys for what `self` sends. */
  readonly rekey: (group: Group) => Effect.Effect<Changed, Fails>
  /** What another member delivered. `from` is whoever the pairwise session says, never what a server claims. */
  readonly receive: (group: Group, from: string, payload: Uint8Array) => Effect.Effect<Membership, Fails>
  readonly encrypt: (group: Group, plaintext: Uint8Array, extra?: Extra) => Effect.Effect<Sent, Fails>
  /** A message of the group, in any order, each once. Who sent it is proved by the message. */
  readonly decrypt: (
    group: Group,
    message: Uint8Array,
    extra?: Extra
  ) => Effect.Effect<Received, Fails | MessageReplayed | PeerRolledBack>
}

export class GroupCrypto extends Context.Service<GroupCrypto, GroupCryptoShape>()("@mortise/core/crypto/GroupCrypto") {}
