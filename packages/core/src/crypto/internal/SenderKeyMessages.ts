/** Writing and reading messages of a group with sender keys. */

import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { equal } from "../Crypto.ts"
import type { Group, Received, Sent } from "../GroupCrypto.ts"
import { GroupError } from "../GroupError.ts"
import { MessageReplayed, PeerRolledBack } from "../SecureSessionError.ts"
import { MAX_U32 } from "./Bytes.ts"
import * as GroupMessage from "./GroupMessage.ts"
import { chainStep } from "./KeySchedule.ts"
import type { CryptoFault } from "./Primitives.ts"
import * as Chain from "./ReceivingChain.ts"
import { type Context, rekey } from "./SenderKeyMembership.ts"
import { next, type Sending, stateOf, swept } from "./SenderKeyState.ts"

const fail = (reason: GroupError["reason"], message: string) => Effect.fail(new GroupError({ reason, message }))

const NOTHING = new Uint8Array(0)

export const encrypt = Effect.fnUntraced(function* (
  context: Context,
  before: Group,
  plaintext: Uint8Array,
  associatedData: Uint8Array = NOTHING
): Effect.fn.Return<Sent, GroupError | CryptoFault> {
  const due = isDue(context, (yield* stateOf(before)).sending, yield* Clock.currentTimeMillis)
  const { deliveries, group } = due ? yield* rekey(context, before) : { group: before, deliveries: [] }
  const state = yield* stateOf(group)
  const { sending } = state
  const [chainKey, messageKey] = yield* chainStep(context.primitives, sending.chainKey)
  const message = yield* GroupMessage.seal(
    context.primitives,
    { group: group.id, sender: group.self, associatedData },
    { digest: state.digest, keyId: sending.keyId, number: sending.next },
    { messageKey, signingPrivate: sending.signingPrivate },
    plaintext
  )
  const moved = { ...state, sending: { ...sending, chainKey, next: sending.next + 1 } }
  return { group: next(group, moved), deliveries, message }
})

const isDue = ({ bounds }: Context, sending: Sending, now: number): boolean =>
  sending.next >= Math.min(bounds.rekeyEvery, MAX_U32) || now - sending.since >= bounds.rekeyAfter

export const decrypt = Effect.fnUntraced(function* (
  { bounds, primitives }: Context,
  group: Group,
  message: Uint8Array,
  associatedData: Uint8Array = NOTHING
): Effect.fn.Return<Received, GroupError | CryptoFault | MessageReplayed | PeerRolledBack> {
  const parsed = GroupMessage.parse(message)
  if (parsed === undefined) return yield* fail("malformed", "This is not a message of a group.")
  const state = yield* stateOf(group)
  const now = yield* Clock.currentTimeMillis
  const receiving = swept(state.receiving, bounds, now)
  const index = receiving.findIndex(({ keyId }) => equal(keyId, parsed.keyId))
  const key = receiving[index]
  if (key === undefined) {
    return yield* fail(
      "unknown-key",
      "The key of this message has not come yet, or its sender has gone on to another one."
    )
  }
  const binding = { group: group.id, sender: key.member, associatedData }
  // the signature first: only the sender can make anybody derive keys
  if (!(yield* GroupMessage.isSignedBy(primitives, key.signingKey, binding, parsed))) {
    return yield* fail("forged", `The signature is not that of ${key.member} over this message.`)
  }
  const { number } = parsed
  const found = Chain.lookup(key.chain, number, parsed.nonce)
  if (found._tag === "Replayed") return yield* new MessageReplayed({ number })
  if (found._tag === "Forked") return yield* new PeerRolledBack({ number })
  if (found._tag === "Expired")
    return yield* fail("expired", `Message ${number} of ${key.member} came too late: its key was dropped.`)
  const missing = number - key.chain.next
  if (missing > bounds.maxSkipped) {
    return yield* fail(
      "too-many-skipped",
      `${missing} messages before this one are missing; ${bounds.maxSkipped} may be.`
    )
  }
  const reached =
    found._tag === "Skipped"
      ? { chain: key.chain, key: found.key }
      : yield* Chain.reach(key.chain, number, now, (chainKey) => chainStep(primitives, chainKey))
  const plaintext = yield* GroupMessage.open(primitives, reached.key, binding, parsed)
  if (plaintext === undefined)
    return yield* fail("altered", `${key.member} signed a message that their key does not open.`)
  const chain = Chain.taken(reached.chain, number, parsed.nonce)
  return {
    group: next(group, { ...state, receiving: receiving.with(index, { ...key, chain }) }),
    sender: key.member,
    plaintext,
    sameMembers: equal(parsed.digest, state.digest)
  }
})
