/**
 * What a caller shows: named texts, as HTTP headers are. They come with the upgrade request, or in the meta of the
 * client's hello (docs/wire.md §3), and mean the same in both. Imports no node module: clients make them.
 */
import * as Redacted from "effect/Redacted"

/** Values by name in lower case. An empty map shows nothing. */
export type Credentials = ReadonlyMap<string, Redacted.Redacted<string>>

/** Longest value that is looked at, in UTF-16 units; a JSON Web Token of 16 KiB has too much in it. */
export const maxLength = 16 * 1024

type Secret = string | Redacted.Redacted<string>
const hidden = (secret: Secret): Redacted.Redacted<string> =>
  typeof secret === "string" ? Redacted.make(secret) : secret
const shown = (secret: Secret): string => (typeof secret === "string" ? secret : Redacted.value(secret))

/** Shows nothing. */
export const none: Credentials = new Map()

/** A token, as RFC 6750 §2.1 has it: session tokens, API tokens, JSON Web Tokens. */
export const bearer = (token: Secret): Credentials =>
  new Map([["authorization", Redacted.make(`Bearer ${shown(token)}`)]])

/** Name and password, as RFC 7617 §2 has them, in UTF-8. Throws a `TypeError` where the name has a colon. */
export const basic = (username: string, password: Secret): Credentials => {
  if (username.includes(":")) throw new TypeError("A username of basic credentials has no colon (RFC 7617 §2)")
  const bytes = new TextEncoder().encode(`${username}:${shown(password)}`)
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")
  return new Map([["authorization", Redacted.make(`Basic ${btoa(binary)}`)]])
}

/** A key under the header name that the server chose. */
export const apiKey = (header: string, key: Secret): Credentials => new Map([[header.toLowerCase(), hidden(key)]])

/** Headers or meta as credentials; values that are no text are left out, and of two that are alike the last counts. */
export const fromEntries = (entries: Iterable<readonly [name: string, value: string | Uint8Array]>): Credentials => {
  const all = new Map<string, Redacted.Redacted<string>>()
  for (const [name, value] of entries) if (typeof value === "string") all.set(name.toLowerCase(), Redacted.make(value))
  return all
}

/** Credentials as the meta of a hello. */
export const toEntries = (credentials: Credentials): ReadonlyArray<readonly [name: string, value: string]> =>
  Array.from(credentials, ([name, value]) => [name, Redacted.value(value)] as const)

/** The value under a name. */
export const read = (credentials: Credentials, name: string): string | undefined => {
  const value = credentials.get(name)
  return value === undefined ? undefined : Redacted.value(value)
}

/** What stands behind a scheme of `authorization`; schemes know no case (RFC 9110 §11.1). */
export const authorization = (credentials: Credentials, scheme: string): string | undefined => {
  const value = read(credentials, "authorization")
  if (value === undefined || value.length <= scheme.length || value[scheme.length] !== " ") return undefined
  if (value.slice(0, scheme.length).toLowerCase() !== scheme.toLowerCase()) return undefined
  return value.slice(scheme.length + 1).trim()
}
