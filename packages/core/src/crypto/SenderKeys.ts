/**
 * Groups with sender keys: every member has a chain of message keys and a signing key of its own, and gives both to the
 * others through the pairwise sessions. A message costs one encryption and one signature, however many members there are; a
 * change of keys costs one delivery to each of them.
 *
 * A member who went reads nothing that is sent by those who know of it, since each of them then takes new keys. Between such
 * changes a stolen chain key opens what its owner sends until the next change: after `rekeyEvery` messages or `rekeyAfter`,
 * whichever comes first. Known from Signal and Megolm; written anew here and not audited.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Crypto } from "./Crypto.ts"
import { GroupCrypto, type GroupCryptoShape } from "./GroupCrypto.ts"
import { primitives } from "./internal/Primitives.ts"
import * as Membership from "./internal/SenderKeyMembership.ts"
import * as Messages from "./internal/SenderKeyMessages.ts"
import { type Options, Saved, withDefaults } from "./internal/SenderKeyState.ts"

export type { Options } from "./internal/SenderKeyState.ts"

export const make = (options?: Options): Effect.Effect<GroupCryptoShape, never, Crypto> =>
  Effect.map(Crypto, (crypto): GroupCryptoShape => {
    const context = { primitives: primitives(crypto), bounds: withDefaults(options) }
    return {
      schema: Saved,
      create: (id, self) => Membership.create(context, id, self),
      join: (self, from, payload) => Membership.join(context, self, from, payload),
      add: (group, members) => Membership.add(context, group, members),
      remove: (group, members) => Membership.remove(context, group, members),
      leave: (group) => Effect.sync(() => Membership.leave(group)),
      rekey: (group) => Membership.rekey(context, group),
      receive: (group, from, payload) => Membership.receive(context, group, from, payload),
      encrypt: (group, plaintext, extra) => Messages.encrypt(context, group, plaintext, extra?.associatedData),
      decrypt: (group, message, extra) => Messages.decrypt(context, group, message, extra?.associatedData)
    }
  })

/** Groups with sender keys, as the app's `GroupCrypto`. */
export const layer = (options?: Options): Layer.Layer<GroupCrypto, never, Crypto> =>
  Layer.effect(GroupCrypto, make(options))
