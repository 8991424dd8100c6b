/** The opening handshake (RFC 6455 §4.2), without the network. */
import type { IncomingMessage } from "node:http"

/** Which pages of browsers may connect: those of the same host and port, those of a list (`https://example.org`), or any. */
export type OriginRule = "same" | "any" | ReadonlyArray<string>

export interface Refusal {
  readonly status: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** `Sec-WebSocket-Accept` of a key (§4.2.2). */
export const acceptOf = (key: string): string =>
  // loaded with the first client: an import of it costs every start some milliseconds
  process
    .getBuiltinModule("node:crypto")
    .createHash("sha1")
    .update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
    .digest("base64")

/** 16 bytes in base64: the last character before the padding has but four possible values. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/

const single = (value: string | ReadonlyArray<string> | undefined): string | undefined =>
  typeof value === "string" ? value : undefined

/** What is wrong with the request, if anything. */
export const refusalOf = (request: IncomingMessage): Refusal | undefined => {
  if (request.method !== "GET") {
    return { status: 405, message: `A WebSocket is opened with GET, not ${request.method}.`, headers: { Allow: "GET" } }
  }
  if (request.httpVersionMajor === 1 && request.httpVersionMinor < 1) {
    return { status: 400, message: "A WebSocket needs HTTP/1.1." }
  }
  if (single(request.headers["sec-websocket-version"]) !== "13") {
    return {
      status: 426,
      message: "This server speaks version 13 of WebSocket (RFC 6455).",
      headers: { "Sec-WebSocket-Version": "13", Upgrade: "websocket" }
    }
  }
  if (!KEY.test(single(request.headers["sec-websocket-key"]) ?? "")) {
    return { status: 400, message: "Sec-WebSocket-Key must be 16 bytes in base64." }
  }
  return undefined
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" }

/** Host and port of an origin; undefined for `null` and everything that is none. */
const placeOf = (origin: string): string | undefined => {
  if (!URL.canParse(origin)) return undefined
  const { hostname, port, protocol } = new URL(origin)
  return hostname === "" ? undefined : `${hostname}:${port || DEFAULT_PORTS[protocol]}`
}

/**
 * Whether a page of this origin may connect; clients that are no browsers send none and may. The same origin is told by
 * host and port alone: behind a proxy that ends TLS the server does not know the scheme.
 */
export const originAllowed = (rule: OriginRule, origin: string | undefined, host: string | undefined): boolean => {
  if (origin === undefined || rule === "any") return true
  if (rule !== "same") return rule.includes(origin)
  if (host === undefined) return false
  const place = placeOf(origin)
  return place !== undefined && place === placeOf(`${new URL(origin).protocol}//${host}`)
}

/** The first of the client's subprotocols that the server speaks; undefined when the client names none. */
export const subprotocolOf = (
  offered: string | undefined,
  spoken: ReadonlyArray<string>
): { readonly chosen: string | undefined } | Refusal => {
  const names = (offered ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
  if (names.length === 0) return { chosen: undefined }
  const chosen = names.find((name) => spoken.includes(name))
  if (chosen !== undefined) return { chosen }
  const known = spoken.length === 0 ? "none" : spoken.join(", ")
  return { status: 400, message: `None of the subprotocols offered is spoken here. Known: ${known}.` }
}
