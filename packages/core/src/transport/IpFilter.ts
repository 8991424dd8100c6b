/**
 * Keeps connections out by where they come from: an allow list, a deny list, and bans that end by themselves. All of it
 * changes while the app runs, for connections that come after it.
 *
 * | question, in this order | answer |
 * |---|---|
 * | is the client banned? | refused with 403 until the ban ends |
 * | is it on the deny list? | refused with 403 |
 * | is there an allow list, and the client not on it? | refused with 403 |
 *
 * A peer without an IP address, on a Unix socket or in the same process, is let through: files have permissions of their own.
 *
 * @example
 * const filter = yield* IpFilter.make({ deny: ["192.0.2.0/24"], trustedProxies: ["10.0.0.0/8"] })
 * gateway({ admit: filter.admit })
 * yield* filter.ban("198.51.100.7", "15 minutes", "five wrong passwords")
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as IpAddress from "./IpAddress.ts"
import { empty, IpNetworksInvalid, type IpSet, make as makeSet } from "./IpSet.ts"
import * as PeerAddress from "./PeerAddress.ts"
import type { PeerInfo, Refuse } from "./Transport.ts"

/** Networks (`10.0.0.0/8`) and addresses (`192.0.2.7`), of both families. */
export interface Rules {
  /** Where it is given, nobody else comes in. */
  readonly allow?: ReadonlyArray<string>
  /** Kept out, also where `allow` has them. */
  readonly deny?: ReadonlyArray<string>
}

export interface Options extends Rules {
  /** Proxies whose `x-forwarded-for` is believed; none unless they are named. */
  readonly trustedProxies?: ReadonlyArray<string>
  /** Bans that are kept; then the one that was set first goes. Default: 100 000. */
  readonly maxBans?: number
}

export interface Ban {
  /** `192.0.2.7`; of IPv6 the network: `2001:db8::/64`. */
  readonly client: string
  /** Milliseconds since the epoch; infinity for one that ends with the app. */
  readonly until: number
  readonly reason: string
}

export interface IpFilter {
  /** For `Gateway.Options`: a refusal for whoever is kept out. */
  readonly admit: (peer: PeerInfo) => Effect.Effect<Refuse | undefined>
  /** Puts other lists in the place of those that are there. Fails with what is no network, and then nothing changes. */
  readonly setRules: (rules: Rules) => Effect.Effect<void, IpNetworksInvalid>
  /** Bans the client of an address, in place of a ban that it has. Connections that stand go on. */
  readonly ban: (address: string, duration: Duration.Input, reason?: string) => Effect.Effect<void, IpNetworksInvalid>
  /** Whether there was a ban to lift. */
  readonly unban: (address: string) => Effect.Effect<boolean, IpNetworksInvalid>
  /** Those that have not ended, the oldest first. */
  readonly bans: Effect.Effect<ReadonlyArray<Ban>>
}

interface Lists {
  readonly allow: IpSet | undefined
  readonly deny: IpSet
}

const listsOf = ({ allow, deny }: Rules): Effect.Effect<Lists, IpNetworksInvalid> =>
  Effect.gen(function* () {
    return {
      allow: allow === undefined ? undefined : yield* makeSet(allow),
      deny: deny === undefined ? empty : yield* makeSet(deny)
    }
  })

const clientOf = (address: string): Effect.Effect<string, IpNetworksInvalid> => {
  const parsed = IpAddress.parse(address)
  if (parsed !== undefined) return Effect.succeed(IpAddress.clientOf(parsed))
  const problems = [{ network: address.slice(0, 100), problem: "no address" }]
  return Effect.fail(new IpNetworksInvalid({ problems, count: 1 }))
}

const refusal = (reason: string): Refuse => ({ _tag: "Refuse", status: 403, reason })
const denied = refusal("not from this address")

/** A filter; fails with all that is no network in its lists. */
export const make = Effect.fnUntraced(function* ({ maxBans = 100_000, trustedProxies = [], ...rules }: Options) {
  const trusted = yield* makeSet(trustedProxies)
  let lists = yield* listsOf(rules)
  const bans = new Map<string, Ban>()

  /** The ban of a client; one that has ended is forgotten. */
  const banOf = (client: string, now: number): Ban | undefined => {
    const ban = bans.get(client)
    if (ban === undefined || ban.until > now) return ban
    bans.delete(client)
    return undefined
  }

  const filter: IpFilter = {
    admit: (peer) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const address = PeerAddress.of(peer, trusted)
        if (address === undefined) return undefined
        const ban = bans.size === 0 ? undefined : banOf(IpAddress.clientOf(address), now)
        if (ban !== undefined) {
          const wait = ban.until - now
          return Number.isFinite(wait) ? { ...refusal("banned"), retryAfterMillis: wait } : refusal("banned")
        }
        if (lists.deny.has(address)) return denied
        return lists.allow === undefined || lists.allow.has(address) ? undefined : denied
      }),
    setRules: (given) => Effect.map(listsOf(given), (made) => void (lists = made)),
    ban: Effect.fnUntraced(function* (address, duration, reason = "") {
      const client = yield* clientOf(address)
      const now = yield* Clock.currentTimeMillis
      // the newest is the last to go
      bans.delete(client)
      bans.set(client, { client, until: now + Duration.toMillis(Duration.fromInputUnsafe(duration)), reason })
      if (bans.size <= maxBans) return
      const [oldest] = bans.keys()
      if (oldest !== undefined) bans.delete(oldest)
    }),
    unban: (address) => Effect.map(clientOf(address), (client) => bans.delete(client)),
    bans: Effect.map(Clock.currentTimeMillis, (now) => [...bans.keys()].flatMap((client) => banOf(client, now) ?? []))
  }
  return filter
})
