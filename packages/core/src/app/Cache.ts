/**
 * Keeps what is costly to look up: a bounded number of values, each for a bounded time, and looked up once however many
 * ask at the same time. What was used least recently goes first.
 *
 * @example
 * const users = yield* Cache.make({
 *   capacity: 1000,
 *   timeToLive: "1 minute",
 *   lookup: (id: string) => fetchUser(id)
 * })
 * const ada = yield* users.get("ada")
 * yield* users.invalidate("ada")
 * const { hits, misses } = yield* users.statistics
 */

import * as EffectCache from "effect/Cache"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as MutableHashMap from "effect/MutableHashMap"

export interface Options<Key, A, E, R> {
  /** Finds the value of a key. Ends when nobody waits for it any more. */
  readonly lookup: (key: Key) => Effect.Effect<A, E, R>
  /** Values kept at most; at least 1. */
  readonly capacity: number
  /** How long a value is kept, from when it was found; for ever unless told. Of a value, a function tells it. */
  readonly timeToLive?: Duration.Input | ((value: A, key: Key) => Duration.Input)
  /** How long a failure is kept, so that what fails is not asked again at once; failures are not kept unless told. */
  readonly failureTimeToLive?: Duration.Input
}

/** Counted since the cache was made. */
export interface Statistics {
  /** Answered from what was kept, or by a lookup that was under way. */
  readonly hits: number
  /** Lookups. */
  readonly misses: number
  /** Values that went because others needed their place; not those that expired or were invalidated. */
  readonly evictions: number
  /** Values kept now; those that have expired and were not asked for since count too. */
  readonly size: number
}

export interface Cache<Key, A, E> {
  /** The value that is kept, or the lookup's. */
  readonly get: (key: Key) => Effect.Effect<A, E>
  /** Forgets a value; who waits for its lookup still gets that. */
  readonly invalidate: (key: Key) => Effect.Effect<void>
  readonly invalidateAll: Effect.Effect<void>
  readonly statistics: Effect.Effect<Statistics>
}

/**
 * An empty cache. Keys are compared by `Equal`: texts and numbers by value, structures of `Data` or Schema classes too.
 * Defects and interruptions are never kept. Throws a `RangeError` for a capacity that is no whole number of at least 1.
 */
export const make = <Key, A, E = never, R = never>({
  capacity,
  failureTimeToLive = 0,
  lookup,
  timeToLive = "Infinity"
}: Options<Key, A, E, R>): Effect.Effect<Cache<Key, A, E>, never, R> => {
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new RangeError(`The capacity of a cache must be a whole number of at least 1, not ${capacity}`)
  }
  let asked = 0
  let misses = 0
  let evictions = 0
  const counted = (key: Key): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      misses++
      return lookup(key)
    })
  const keptFor = (exit: Exit.Exit<A, E>, key: Key): Duration.Input => {
    if (Exit.isSuccess(exit)) return typeof timeToLive === "function" ? timeToLive(exit.value, key) : timeToLive
    return Exit.hasFails(exit) && !Exit.hasDies(exit) ? failureTimeToLive : 0
  }
  /** Effect's cache has its keys in the order of use. It keeps the bound too, but says nothing of it. */
  const makeRoom = (map: MutableHashMap.MutableHashMap<Key, unknown>): void => {
    for (const [oldest] of map) {
      if (MutableHashMap.size(map) < capacity) return
      MutableHashMap.remove(map, oldest)
      evictions++
    }
  }
  const made = EffectCache.makeWith(counted, { capacity, timeToLive: keptFor, requireServicesAt: "construction" })
  return Effect.map(made, (cache) => ({
    get: (key) =>
      Effect.suspend(() => {
        asked++
        if (!MutableHashMap.has(cache.map, key)) makeRoom(cache.map)
        return EffectCache.get(cache, key)
      }),
    invalidate: (key) => EffectCache.invalidate(cache, key),
    invalidateAll: EffectCache.invalidateAll(cache),
    statistics: Effect.sync(() => ({ hits: asked - misses, misses, evictions, size: MutableHashMap.size(cache.map) }))
  }))
}
