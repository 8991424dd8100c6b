import { createHash } from "node:crypto"
import { isIPv6 } from "node:net"

/** The 64 bits of an IPv6 address that say whose it is: one line of a provider has all addresses behind them. */
const prefixOf = (address: string): string => {
  const [head = "", tail] = address.toLowerCase().split("%", 1)[0]!.split("::")
  const groups = head === "" ? [] : head.split(":")
  const rest = tail === undefined || tail === "" ? [] : tail.split(":")
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length
  const all = [...groups, ...Array.from({ length: Math.max(0, zeros) }, () => "0"), ...rest]
  return all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")
}

/** An address as failures are counted by it. */
export const addressKey = (address: string): string => {
  const mapped = /^(?:0*:)*:?(?:0+:)*ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  return isIPv6(address) ? `${prefixOf(address)}::/64` : address
}

/** Account and address as one key, of a size that does not depend on what a peer sends. */
export const attemptKey = (account: string, address: string): string =>
  createHash("sha256")
    .update(`${account.length}:${account}${addressKey(address)}`, "utf8")
    .digest("base64")
