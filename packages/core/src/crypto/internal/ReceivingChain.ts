/**
 * One chain of message keys as its reader keeps it: where it stands, the keys of messages that have not come yet, and
 * marks of those that have. Used by sessions (where a chain ends with each ratchet step) and by sender keys.
 *
 * Values only: every function gives a new chain, so that a message that turns out to be forged leaves no trace.
 */

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { equal } from "../Crypto.ts"
import { concat } from "./Bytes.ts"
import { Bytes, Counter, Key } from "./Fields.ts"

/** How many of the latest messages are remembered by a mark, and the bytes of one. A full chain has 512 bytes of them. */
export const REMEMBERED = 64
const MARK_BYTES = 8
const NO_MARK = new Uint8Array(MARK_BYTES)
/** Marks are kept in rows of 8: a new state copies one row, and V8 keeps arrays of up to 64 bytes on its own heap. */
const ROW_BYTES = 64
const ROWS = (REMEMBERED * MARK_BYTES) / ROW_BYTES
const rowsOf = (bytes: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from({ length: ROWS }, (_, row) => bytes.slice(row * ROW_BYTES, (row + 1) * ROW_BYTES))

const Marks = Bytes(REMEMBERED * MARK_BYTES).pipe(
  Schema.decodeTo(
    Schema.Array(Schema.Uint8Array),
    SchemaTransformation.transform({ decode: rowsOf, encode: (rows) => concat(...rows) })
  )
)

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
  marks: Marks
})
/** A ring of which nothing was read. */
export const NO_MARKS = rowsOf(new Uint8Array(REMEMBERED * MARK_BYTES))
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
  marks: NO_MARKS
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
    if (!equal(known, NO_MARK)) return { _tag: equal(known, mark.slice(0, MARK_BYTES)) ? "Replayed" : "Forked" }
  }
  return { _tag: number < chain.dropped ? "Expired" : "Replayed" }
}

/** `chain` after message `number` was read. */
export const taken = (chain: ReceivingChain, number: number, mark: Uint8Array): ReceivingChain => ({
  ...chain,
  skipped: chain.skipped.length === 0 ? chain.skipped : chain.skipped.filter((skipped) => skipped.number !== number),
  marks: number >= chain.next - REMEMBERED ? marked(chain.marks, number, mark) : chain.marks
})

/** Derives the next chain key and the key of a message. */
type Step<E> = (chainKey: Uint8Array) => Effect.Effect<readonly [next: Uint8Array, messageKey: Uint8Array], E>

/**
 * Moves on to message `until`, keeping the keys before it. The caller has checked that these are not too many. Costs one
 * key derivation each, at most `maxSkippedPerChain`.
 */
export const skip = <E>(
  chain: ReceivingChain,
  until: number,
  now: number,
  step: Step<E>
): Effect.Effect<ReceivingChain, E> => {
  if (chain.chainKey === undefined || until <= chain.next) return Effect.succeed(chain)
  let chainKey = chain.chainKey
  return Effect.gen(function* () {
    const skipped = [...chain.skipped]
    let { marks } = chain
    for (let number = chain.next; number < until; number++) {
      const [next, key] = yield* step(chainKey)
      skipped.push({ number, key, at: now })
      marks = marked(marks, number, NO_MARK)
      chainKey = next
    }
    return { ...chain, chainKey, next: until, skipped, marks }
  })
}

/** Derives the key of message `number`, which lies ahead, and keeps those before it as `skip` does. */
export const reach = <E>(chain: ReceivingChain, number: number, now: number, step: Step<E>) =>
  Effect.flatMapEager(skip(chain, number, now, step), (before) =>
    before.chainKey === undefined
      ? Effect.die(new Error("a closed chain has nothing ahead"))
      : Effect.mapEager(step(before.chainKey), ([chainKey, key]) => ({
          chain: { ...before, chainKey, next: number + 1 },
          key
        }))
  )

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

const rowOf = (number: number): number => Math.floor(((number % REMEMBERED) * MARK_BYTES) / ROW_BYTES)
const offsetOf = (number: number): number => (number * MARK_BYTES) % ROW_BYTES

const markOf = (chain: ReceivingChain, number: number): Uint8Array => {
  const offset = offsetOf(number)
  return chain.marks[rowOf(number)]!.slice(offset, offset + MARK_BYTES)
}

const marked = (marks: ReceivingChain["marks"], number: number, mark: Uint8Array): ReceivingChain["marks"] => {
  const row = marks[rowOf(number)]!.slice()
  row.set(mark.slice(0, MARK_BYTES), offsetOf(number))
  return marks.with(rowOf(number), row)
}
