/**
 * Whose address a connection has. Behind a proxy the peer is the proxy; whom it speaks for stands in `x-forwarded-for`, which
 * anybody can write: only what a trusted proxy has added counts.
 */
import { type IpAddress, parse } from "./IpAddress.ts"
import { empty, type IpSet } from "./IpSet.ts"
import type { PeerInfo } from "./Transport.ts"

/** Proxies one behind the other that are followed. */
const MAX_HOPS = 32

/** One hop of the header: `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7`, `[2001:db8::7]:4711`. */
const hopOf = (text: string): IpAddress | undefined => {
  const hop = text.trim()
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop)
  if (bracketed !== null) return parse(bracketed[1] ?? "")
  return parse(/^[\d.]+:\d{1,5}$/.test(hop) ? hop.slice(0, hop.indexOf(":")) : hop)
}

/**
 * The address of the client: the peer's own, unless that is a trusted proxy; then the right-most one of `x-forwarded-for` that
 * is not trusted itself. Where the header has no more, or something that is no address, it is the last that was known.
 * Undefined for a peer without an IP address, as on a Unix socket.
 */
export const of = (
  { address, headers }: Pick<PeerInfo, "address" | "headers">,
  trusted: IpSet = empty
): IpAddress | undefined => {
  let known = parse(address)
  if (known === undefined || trusted.size === 0 || !trusted.has(known)) return known
  const header = headers.get("x-forwarded-for")
  if (header === undefined) return known
  let end = header.length
  for (let hops = 0; hops < MAX_HOPS && end >= 0; hops++) {
    const comma = end === 0 ? -1 : header.lastIndexOf(",", end - 1)
    const hop = hopOf(header.slice(comma + 1, end))
    if (hop === undefined) return known
    known = hop
    if (!trusted.has(hop)) return known
    end = comma
  }
  return known
}
