/** IP addresses as numbers, for whoever compares and counts them. Texts are taken in the strictest sense: no `127.1`, no octal. */
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Result from "effect/Result"

/** In words of 32 bits, the highest first: one for IPv4, four for IPv6. */
export type IpAddress = ReadonlyArray<number>

export const isV4 = (address: IpAddress): boolean => address.length === 1

/** The word of `192.0.2.7`; -1 for anything else. */
const v4Of = (text: string, length: number): number => {
  if (length < 7 || length > 15) return -1
  let word = 0
  let octet = -1
  let octets = 0
  for (let i = 0; i <= length; i++) {
    const code = i === length ? DOT : text.charCodeAt(i)
    if (code === DOT) {
      if (octet < 0) return -1
      word = word * 256 + octet
      octet = -1
      octets++
    } else if (code < ZERO || code > NINE || octet === 0) return -1
    else if ((octet = Math.max(octet, 0) * 10 + code - ZERO) > 255) return -1
  }
  return octets === 4 ? word : -1
}
const DOT = 46
const ZERO = 48
const NINE = 57

/** The words of an address of Effect. */
export const from = (address: NetAddress.IpAddress): IpAddress => {
  const octets = NetAddress.isIpv4Address(address) ? NetAddress.ipv4ToOctets(address) : NetAddress.ipv6ToOctets(address)
  const words: Array<number> = []
  for (let i = 0; i < octets.length; i++) {
    const at = i >> 2
    words[at] = (words[at] ?? 0) * 256 + (octets[i] as number)
  }
  return words
}

/**
 * An address as text: without the zone of a link-local one, and IPv4 for one in IPv6's clothes (`::ffff:192.0.2.7`). Undefined
 * for what is no address.
 */
export const parse = (text: string): IpAddress | undefined => {
  const word = v4Of(text, text.length)
  if (word >= 0) return [word]
  const zone = text.indexOf("%")
  const parsed = NetAddress.ipv6FromString(zone < 0 ? text : text.slice(0, zone))
  if (Result.isFailure(parsed)) return undefined
  return from(Option.getOrElse(NetAddress.fromIpv4Mapped(parsed.success), () => parsed.success))
}

const octetsOf = (address: IpAddress): Uint8Array => {
  const octets = new Uint8Array(address.length * 4)
  const view = new DataView(octets.buffer)
  for (const [at, word] of address.entries()) view.setUint32(at * 4, word)
  return octets
}

/** `192.0.2.7`, `2001:db8::7`. */
export const format = (address: IpAddress): string => {
  const octets = octetsOf(address)
  return isV4(address) ? octets.join(".") : NetAddress.formatIp(NetAddress.ipv6FromBytesUnsafe(octets))
}

/**
 * What stands for one client where addresses are counted: an IPv4 address; of IPv6 the network of 64 bits, which one client
 * has for itself, for it could show a new address each time.
 */
export const clientOf = (address: IpAddress): string => {
  if (isV4(address)) return format(address)
  const [a = 0, b = 0] = address
  return `${format([a, b, 0, 0])}/64`
}
