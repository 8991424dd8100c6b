/**
 * One chain of message keys as its reader keeps it: where it stands, the keys of messages that have not come yet, and
 * marks of those that have. Used by sessions (where a chain ends with each ratchet step) and by sender keys.
 *
 * Values only: every function gives a new chain, so that a message that turns out to be forged leaves no trace.
 */

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { equal } from "../Crypto.ts"
import { Bytes, Counter, Key } from "./Fields.ts"

/** How many of the latest messages are remembered by a mark, and the bytes of one. A full chain has 512 bytes of them. */
export const REMEMBERED = 64
const MARK_BYTES = 8
const NO_MARK = new Uint8Array(MARK_BYTES)

const SkippedKey = Schema.Struct({
  number: Counter,
  key: Key,
  /** Milliseconds since the epoch when it was skipped. */
  at: Schema.Finite
})

export const ReceivingChain = Schema.Struct({
  /** Key of the message `next`; absent once the chain is closed, when `next` is its length. */
  chainKey: Schema.optionalKey(Key),
  next: Counter,
  /** Below this number, keys were dropped: a message without a key there may be one that was read or one that was not. */
  dropped: Counter,
  /** Ascending. */
  skipped: Schema.Array(SkippedKey),
  /** A ring by number: what told the message apart from others with its number; zeros where none was read. */
  marks: Bytes(REMEMBERED * MARK_BYTES)
})
export type ReceivingChain = typeof ReceivingChain.Type

export interface ChainLimits {
  /** Messages that may be missing before one that is read, and keys kept of one chain. */
  readonly maxSkippedPerChain: number
  /** Milliseconds that a skipped key is kept. */
  readonly skippedLifetime: number
}

export const open = (chainKey: Uint8Array, next = 0): ReceivingChain => ({
  chainKey,
  next,
  dropped: next,
  skipped: [],
  marks: new Uint8Array(REMEMBERED * MARK_BYTES)
})

export type Lookup =
  /** Its key was kept when later messages overtook it. */
  | { readonly _tag: "Skipped"; readonly key: Uint8Array }
  /** `next` or later. */
  | { readonly _tag: "Ahead" }
  /** The very message was read already. */
  | { readonly _tag: "Replayed" }
  /** Another message with this number was read: two senders hold the same chain. */
  | { readonly _tag: "Forked" }
  /** Its key is gone, whether it was read or not. */
  | { readonly _tag: "Expired" }

/** What message `number` is to `chain`. `mark` is what its sender drew at random for it, 8 bytes or more. */
export const lookup = (chain: ReceivingChain, number: number, mark: Uint8Array): Lookup => {
  if (number >= chain.next) return { _tag: chain.chainKey === undefined ? "Forked" : "Ahead" }
  const kept = chain.skipped.find((skipped) => skipped.number === number)
  if (kept !== undefined) return { _tag: "Skipped", key: kept.key }
  if (number >= chain.next - REMEMBERED) {
    const known = markOf(chain, number)
    if (!equal(known, NO_MARK)) return { _tag: equal(known, mark.subarray(0, MARK_BYTES)) ? "Replayed" : "Forked" }
  }
  return { _tag: number < chain.dropped ? "Expired" : "Replayed" }
}

/** `chain` after message `number` was read. */
export const taken = (chain: ReceivingChain, number: number, mark: Uint8Array): ReceivingChain => ({
  ...chain,
  skipped: chain.skipped.length === 0 ? chain.skipped : chain.skipped.filter((skipped) => skipped.number !== number),
  marks: number >= chain.next - REMEMBERED ? marked(chain.marks, number, mark.subarray(0, MARK_BYTES)) : chain.marks
})

/**
 * Moves on to message `until`, keeping the keys before it. The caller has checked that these are not too many. Costs one
 * key derivation each, at most `maxSkippedPerChain`.
 */
export const skip = <E, R>(
  chain: ReceivingChain,
  until: number,
  now: number,
  step: (chainKey: Uint8Array) => Effect.Effect<readonly [next: Uint8Array, messageKey: Uint8Array], E, R>
): Effect.Effect<ReceivingChain, E, R> => {
  if (chain.chainKey === undefined || until <= chain.next) return Effect.succeed(chain)
  let chainKey = chain.chainKey
  return Effect.gen(function* () {
    const skipped = [...chain.skipped]
    const marks = chain.marks.slice()
    for (let number = chain.next; number < until; number++) {
      const [next, key] = yield* step(chainKey)
      skipped.push({ number, key, at: now })
      marks.set(NO_MARK, (number % REMEMBERED) * MARK_BYTES)
      chainKey = next
    }
    return { ...chain, chainKey, next: until, skipped, marks }
  })
}

/** Derives the key of message `number`, which lies ahead, and keeps those before it as `skip` does. */
export const reach = Effect.fnUntraced(function* <E, R>(
  chain: ReceivingChain,
  number: number,
  now: number,
  step: (chainKey: Uint8Array) => Effect.Effect<readonly [next: Uint8Array, messageKey: Uint8Array], E, R>
) {
  const { chainKey, ...rest } = yield* skip(chain, number, now, step)
  if (chainKey === undefined) return yield* Effect.die(new Error("a closed chain has nothing ahead"))
  const [next, key] = yield* step(chainKey)
  return { chain: { ...rest, chainKey: next, next: number + 1 }, key }
})

/** Nothing more comes on `chain`: only keys that were skipped remain. */
export const closed = ({ chainKey: _, ...chain }: ReceivingChain): ReceivingChain => chain

/** Drops keys that are too old, then those with the lowest numbers, until at most `max` are left. */
export const trimmed = (chain: ReceivingChain, limits: ChainLimits, now: number, max: number): ReceivingChain => {
  if (chain.skipped.length === 0) return chain
  const oldest = now - limits.skippedLifetime
  let drop = Math.max(0, chain.skipped.length - Math.min(max, limits.maxSkippedPerChain))
  // they were skipped in the order of their numbers
  while (drop < chain.skipped.length && chain.skipped[drop]!.at < oldest) drop++
  if (drop === 0) return chain
  return { ...chain, skipped: chain.skipped.slice(drop), dropped: chain.skipped[drop - 1]!.number + 1 }
}

const markOf = (chain: ReceivingChain, number: number): Uint8Array => {
  const offset = (number % REMEMBERED) * MARK_BYTES
  return chain.marks.subarray(offset, offset + MARK_BYTES)
}

const marked = (marks: Uint8Array, number: number, mark: Uint8Array): Uint8Array => {
  const copy = marks.slice()
  copy.set(mark, (number % REMEMBERED) * MARK_BYTES)
  return copy
}
