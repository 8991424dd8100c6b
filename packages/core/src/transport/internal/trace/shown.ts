/** What of a frame goes into the log. What is not known to be harmless does not. */
import * as Schema from "effect/Schema"
import { HIDDEN, isSecretKey } from "../../../app/internal/log/SecretText.ts"
import { BinaryWire } from "../../BinaryWire.ts"
import { JsonWire } from "../../JsonWire.ts"
import {
  type Envelope,
  type Fault,
  InvalidPayload,
  Kind,
  type Meta,
  Outcome,
  type PayloadCoder,
  type Wire
} from "../../Wire.ts"
import { coderFor } from "../coder.ts"
import type { Route } from "../table.ts"

/** Frames up to this size are shown with their payload; it bounds the line and the time that it takes. */
export const MAX_SHOWN_BYTES = 64 * 1024
/** Stands for a payload whose message is not known. */
export const NOT_SHOWN = "<not shown: its message is not known>"
const TOO_LARGE = `<not shown: the frame has more than ${MAX_SHOWN_BYTES} bytes>`

const MAX_KEYS = 16
const MAX_KEY = 64

/** The keys of a frame's meta, never what stands under them: credentials do. */
export const keysOf = (meta: Meta): string => {
  const keys = meta.slice(0, MAX_KEYS).map(([key]) => key.slice(0, MAX_KEY))
  return [...keys, ...(meta.length > MAX_KEYS ? [`… ${meta.length - MAX_KEYS} more`] : [])].join(", ")
}

type Plain = { readonly [key: string]: unknown }
const plain = (value: unknown): Plain => (typeof value === "object" && value !== null ? (value as Plain) : {})
const numbers = (from: Plain, ...keys: ReadonlyArray<string>): Plain =>
  Object.fromEntries(keys.filter((key) => typeof from[key] === "number").map((key) => [key, from[key]]))

/** Versions, and how much the server serves. */
export const helloOf = (payload: unknown): Plain => {
  const hello = plain(payload)
  const { messages } = hello
  return {
    ...numbers(hello, "min", "max", "version", "maxFrameBytes"),
    ...(Array.isArray(messages) ? { messages: messages.length } : {})
  }
}

// the texts of other faults may repeat what the peer has sent
const ownWords: ReadonlySet<unknown> = new Set([
  "UNSUPPORTED_VERSION",
  "DUPLICATE_ID",
  "DEADLINE_EXCEEDED",
  "CANCELLED",
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "RATE_LIMITED",
  "UNAVAILABLE",
  "INTERNAL"
] satisfies ReadonlyArray<Fault["code"]>)

/** A fault of ours. */
export const faultOf = (payload: unknown): Plain => {
  const { code, message, path, reference, ...rest } = plain(payload)
  return {
    code,
    ...(ownWords.has(code) ? { message } : {}),
    ...(Array.isArray(path) && path.length > 0 ? { at: path.join(".") } : {}),
    ...(reference === undefined ? {} : { reference }),
    ...numbers(rest, "retryAfterMillis")
  }
}

const controls: ReadonlySet<unknown> = new Set(["ping", "pong", "goaway", "fault"])

/** Which control a peer has sent; the token of a ping and all else is its own. */
export const typeOf = (payload: unknown): Plain => {
  const { type } = plain(payload)
  return controls.has(type) ? { type } : {}
}

/** A control of ours. */
export const controlOf = (payload: unknown): { readonly fault?: Plain } & Plain => {
  const control = plain(payload)
  const { fault, reason, type } = control
  return {
    ...typeOf(payload),
    ...(type === "goaway" ? { reason, ...numbers(control, "retryAfterMillis") } : {}),
    ...(type === "fault" ? { fault: faultOf(fault) } : {})
  }
}

const ownWires: ReadonlySet<Wire> = new Set([JsonWire, BinaryWire])

/** Why a frame is no envelope. What our wires quote of it stands behind a colon or, for a kind, in quotation marks. */
export const problemOf = (wire: Wire, { code, message }: Fault): string => {
  if (!ownWires.has(wire)) return code
  if (code === "UNSUPPORTED_KIND") return `${code}: There is no such kind of message`
  return `${code}: ${message.split(": ", 1)[0]}`
}

/** Payloads by the schemas of their messages. */
export class PayloadReader {
  private count: { readonly wire: Wire; readonly coder: PayloadCoder } | undefined

  read(wire: Wire, envelope: Envelope, route: Route, bytes: number): Plain {
    if (bytes > MAX_SHOWN_BYTES) return { payload: TOO_LARGE }
    const value = this.coder(wire, envelope, route).read(envelope.payload)
    if (value instanceof InvalidPayload) return { problem: misfit(value) }
    if (value === undefined) return {}
    // alone it has no key to go by, but the message's
    const isAlone = typeof value !== "object" || Array.isArray(value)
    return { payload: isAlone && isSecretKey(route.message.tag) ? HIDDEN : value }
  }

  private coder(wire: Wire, { kind, outcome }: Envelope, route: Route): PayloadCoder {
    if (kind !== Kind.response && kind !== Kind.item) return route.payload(wire)
    if (outcome === Outcome.error) return route.error(wire)
    return route.message.kind === "relay" ? this.countOf(wire) : route.success(wire)
  }

  /** A relay is answered with how many took it. */
  private countOf(wire: Wire): PayloadCoder {
    if (this.count?.wire !== wire) this.count = { wire, coder: coderFor(wire, Schema.Int) }
    return this.count.coder
  }
}

const misfit = ({ defect, malformed, path }: InvalidPayload): string => {
  if (malformed) return "its payload is broken"
  if (defect !== undefined) return "the schema of its payload threw"
  return `its payload does not fit${path.length === 0 ? "" : ` at "${path.join(".")}"`}`
}
