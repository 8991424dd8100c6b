/**
 * A set of IP networks, asked whether an address is in it. Networks of both families stand side by side; an IPv4 address in
 * IPv6's clothes (`::ffff:192.0.2.7`) is the IPv4 address. A set never changes: make another one, and put it in its place.
 *
 * Networks are kept as disjoint ranges in order, so that overlapping ones cost nothing and an address is found by halving:
 * 8 bytes for an IPv4 range, 32 for one of IPv6.
 *
 * @example
 * const inside = yield* IpSet.make(["10.0.0.0/8", "fd00::/8", "192.0.2.7"])
 * inside.has("10.4.0.1") // true
 */
import * as Effect from "effect/Effect"
import * as IpNetwork from "effect/net/IpNetwork"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"
import { from, type IpAddress, isV4, parse } from "./IpAddress.ts"

/** Problems told at once; lists come from files, and may be wrong as a whole. */
const MAX_TOLD = 20

/** Texts that are no networks. */
export class IpNetworksInvalid extends Errors.make<IpNetworksInvalid>()(
  "IpNetworksInvalid",
  { component: "transport", code: "TRANSPORT_IP_NETWORKS", status: 400 },
  {
    /** The first of them, with what is wrong. */
    problems: Schema.Array(Schema.Struct({ network: Schema.String, problem: Schema.String })),
    /** How many there are in all. */
    count: Schema.Int
  }
) {
  override get message(): string {
    const told = this.problems.map(({ network, problem }) => `${JSON.stringify(network.slice(0, 60))}: ${problem}`)
    const more = this.count > told.length ? `\n  and ${this.count - told.length} more` : ""
    return `Not networks, as in 10.0.0.0/8 or fd00::/8, nor addresses:\n  ${told.join("\n  ")}${more}`
  }
}

const V4_WORDS = 1
const V6_WORDS = 4

const compare = (a: IpAddress, b: IpAddress): number => {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** Whether nothing fits between the two. */
const adjoin = (end: IpAddress, start: IpAddress): boolean => {
  const next = [...end]
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = ((next[i] as number) + 1) >>> 0
    if (next[i] !== 0) return compare(next, start) === 0
  }
  return false
}

/** From the first address to the last, both included. */
type Range = readonly [first: IpAddress, last: IpAddress]

const merged = (ranges: Array<Range>): ReadonlyArray<Range> => {
  const all: Array<Range> = []
  for (const range of ranges.sort(([a], [b]) => compare(a, b))) {
    const before = all.at(-1)
    if (before !== undefined && (compare(range[0], before[1]) <= 0 || adjoin(before[1], range[0]))) {
      if (compare(range[1], before[1]) > 0) all[all.length - 1] = [before[0], range[1]]
    } else all.push(range)
  }
  return all
}

/** The ranges of one family, flat: `width` words of the first address, then as many of the last. */
class Ranges {
  readonly size: number
  private readonly words: Uint32Array
  private readonly width: number

  constructor(ranges: ReadonlyArray<Range>, width: number) {
    this.size = ranges.length
    this.width = width
    this.words = Uint32Array.from(ranges.flat(2))
  }

  has(address: IpAddress): boolean {
    let low = 0
    let high = this.size
    // the number of ranges that begin at or before the address
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.compareAt(middle * 2 * this.width, address) <= 0) low = middle + 1
      else high = middle
    }
    return low > 0 && this.compareAt(((low - 1) * 2 + 1) * this.width, address) >= 0
  }

  private compareAt(at: number, address: IpAddress): number {
    for (let i = 0; i < this.width; i++) {
      const difference = (this.words[at + i] as number) - (address[i] as number)
      if (difference !== 0) return difference
    }
    return 0
  }
}

/** The words of `::ffff:0:0/96` before the IPv4 address. */
const isMapped = (words: IpAddress): boolean => words[0] === 0 && words[1] === 0 && words[2] === 0xffff

const rangeOf = (text: string): Result.Result<Range, string> => {
  if (!text.includes("/")) {
    const address = parse(text)
    return address === undefined ? Result.fail("no address") : Result.succeed([address, address])
  }
  return Result.mapBoth(IpNetwork.fromString(text), {
    onFailure: ({ message }) => message,
    onSuccess: (network): Range => {
      const [first, last] = [from(IpNetwork.firstAddress(network)), from(IpNetwork.lastAddress(network))]
      // a network of mapped addresses is one of IPv4
      return isMapped(first) && isMapped(last) ? [first.slice(3), last.slice(3)] : [first, last]
    }
  })
}

/** See the head of this module. */
export class IpSet {
  private readonly v4: Ranges
  private readonly v6: Ranges

  constructor(ranges: ReadonlyArray<Range>) {
    this.v4 = new Ranges(merged(ranges.filter(([first]) => first.length === V4_WORDS)), V4_WORDS)
    this.v6 = new Ranges(merged(ranges.filter(([first]) => first.length === V6_WORDS)), V6_WORDS)
  }

  /** Ranges that are left of the networks, overlapping ones taken together. */
  get size(): number {
    return this.v4.size + this.v6.size
  }

  /** False for what is no address. */
  has(address: string | IpAddress): boolean {
    const parsed = typeof address === "string" ? parse(address) : address
    if (parsed === undefined) return false
    return isV4(parsed) ? this.v4.has(parsed) : this.v6.has(parsed)
  }
}

/** A set without a network. */
export const empty: IpSet = new IpSet([])

/** A set of networks (`10.0.0.0/8`) and addresses (`192.0.2.7`); fails with all that are neither. */
export const make = (networks: Iterable<string>): Effect.Effect<IpSet, IpNetworksInvalid> =>
  Effect.suspend(() => {
    const ranges: Array<Range> = []
    const problems: Array<{ readonly network: string; readonly problem: string }> = []
    let count = 0
    for (const network of networks) {
      const range = rangeOf(network.trim())
      if (Result.isSuccess(range)) ranges.push(range.success)
      else if (++count <= MAX_TOLD) problems.push({ network: network.slice(0, 100), problem: range.failure })
    }
    return count === 0 ? Effect.succeed(new IpSet(ranges)) : Effect.fail(new IpNetworksInvalid({ problems, count }))
  })
