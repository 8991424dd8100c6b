/** The wire for people and browsers: one JSON object a frame, messages by their full names. Specified in docs/wire.md. */
import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { json } from "./internal/codec.ts"
import { plainCoder } from "./internal/coder.ts"
import { checker } from "./internal/fast/checkJson.ts"
import { FAIL, shapeOf } from "./internal/fast/shape.ts"
import { jsonWriter } from "./internal/fast/writeJson.ts"
import { copyTo, digitsOf, JsonBytes, writeDigits } from "./internal/JsonBytes.ts"
import { encodeUtf8, readUtf8, writeUtf8 } from "./internal/text.ts"
import type { Connection, SendResult } from "./Transport.ts"
import {
  type Envelope,
  Kind,
  type KindName,
  Malformed,
  type Meta,
  Outcome,
  type PayloadCoder,
  type Role,
  type Wire,
  type WireSession
} from "./Wire.ts"

const names = Object.keys(Kind) as ReadonlyArray<KindName>
const kindOf = new Map<unknown, Kind>(names.map((name) => [name, Kind[name]]))
const nameOf: ReadonlyArray<string> = ["", ...names]
const MAX_ID = 0xffffffff

type Fields = { readonly [key: string]: unknown }

const readMeta = (raw: unknown): Meta | undefined => {
  if (!Array.isArray(raw) || raw.length > 255) return undefined
  const meta: Array<readonly [string, string | Uint8Array]> = []
  for (const entry of raw) {
    if (!Array.isArray(entry) || entry.length !== 2) return undefined
    const [key, value] = entry
    if (typeof key !== "string" || typeof value !== "string") return undefined
    if (!key.endsWith("-bin")) {
      meta.push([key, value])
      continue
    }
    const bytes = Base64.decode(value)
    if (Result.isFailure(bytes)) return undefined
    meta.push([key, bytes.success])
  }
  return meta
}

const decodeFields = (fields: Fields, role: Role): Envelope | Malformed => {
  const id = fields.id ?? 0
  if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id > MAX_ID) {
    return new Malformed("MALFORMED_FRAME", `"id" must be a whole number from 1 to ${MAX_ID}`)
  }
  const kind = kindOf.get(fields.kind)
  if (kind === undefined) {
    return typeof fields.kind === "string"
      ? new Malformed("UNSUPPORTED_KIND", `There is no kind of message ${JSON.stringify(fields.kind.slice(0, 40))}`, id)
      : new Malformed("MALFORMED_FRAME", `"kind" must be one of ${names.join(", ")}`, id)
  }
  const message = fields.name ?? 0
  if (typeof message !== "string" && message !== 0)
    return new Malformed("MALFORMED_FRAME", `"name" must be a string`, id)
  let meta: Meta | undefined
  if (fields.meta !== undefined) {
    meta = readMeta(fields.meta)
    if (meta === undefined)
      return new Malformed("MALFORMED_FRAME", `"meta" must be a list of [key, value] pairs of strings`, id)
  }
  if (kind === Kind.relay) {
    const peer = fields[role === "server" ? "to" : "from"] ?? ""
    const bytes = typeof fields.bytes === "string" ? Base64.decode(fields.bytes) : undefined
    if (typeof peer !== "string" || bytes === undefined || Result.isFailure(bytes)) {
      return new Malformed(
        "MALFORMED_FRAME",
        `a relay needs "${role === "server" ? "to" : "from"}" (a string) and "bytes" (base64)`,
        id
      )
    }
    return { kind, id, message, outcome: Outcome.success, payload: bytes.success, meta, peer }
  }
  if (kind === Kind.response) {
    if (fields.fault !== undefined)
      return { kind, id, message, outcome: Outcome.fault, payload: fields.fault, meta, peer: "" }
    if (fields.error !== undefined)
      return { kind, id, message, outcome: Outcome.error, payload: fields.error, meta, peer: "" }
  }
  return { kind, id, message, outcome: Outcome.success, payload: fields.payload, meta, peer: "" }
}

const metaText = (meta: Meta): string =>
  JSON.stringify(meta.map(([key, value]) => [key, typeof value === "string" ? value : Base64.encode(value)]))

/** Everything before the payload. */
const head = (envelope: Envelope): string => {
  let text = `{"kind":"${nameOf[envelope.kind] as string}"`
  if (envelope.id !== 0) text += `,"id":${envelope.id}`
  if (envelope.message !== 0) text += `,"name":${JSON.stringify(envelope.message)}`
  if (envelope.meta !== undefined) text += `,"meta":${metaText(envelope.meta)}`
  if (envelope.kind === Kind.relay || envelope.payload === undefined) return text
  const { outcome } = envelope
  return `${text},"${outcome === Outcome.success ? "payload" : outcome === Outcome.error ? "error" : "fault"}":`
}

const encode = (envelope: Envelope, role: Role): string => {
  const { kind, payload, peer } = envelope
  const text = head(envelope)
  if (kind === Kind.relay) {
    const bytes = Base64.encode(payload as Uint8Array)
    return `${text},"${role === "server" ? "from" : "to"}":${JSON.stringify(peer)},"bytes":"${bytes}"}`
  }
  return payload === undefined ? `${text}}` : `${text}${JSON.stringify(payload)}}`
}

/** Checked by code made for the message where the shape is plain; by the schema's parser otherwise. */
const coder = (schema: Schema.Constraint): PayloadCoder => {
  const general = plainCoder(json(schema))
  const shape = shapeOf(schema)
  const check = shape && checker(shape)
  const write = shape && jsonWriter(shape)
  if (check === undefined || write === undefined) return general
  const written = new JsonBytes()
  return {
    read: (payload) => {
      const value = check(payload)
      return value === FAIL ? general.read(payload) : value
    },
    prepare: (value) => {
      written.clear()
      return write(value, written) ? written : general.prepare(value)
    }
  }
}

const CLOSE = 0x7d
// most of what a server writes begins like this
const ANSWER = encodeUtf8(`{"kind":"response","id":`)
const PAYLOAD = encodeUtf8(`,"payload":`)

class JsonSession implements WireSession {
  private readonly role: Role
  private text = ""
  private id = 0
  private payload = new JsonBytes()
  // one function for all frames: an allocation less on the data path
  private readonly into = (target: Uint8Array, at: number): number => writeUtf8(target, this.text, at)
  private readonly intoWithPayload = (target: Uint8Array, at: number): number => {
    const { bytes, end } = this.payload
    const to = copyTo(target, at + writeUtf8(target, this.text, at), bytes, end)
    target[to] = CLOSE
    return to + 1 - at
  }
  private readonly intoAnswer = (target: Uint8Array, at: number): number => {
    const { bytes, end } = this.payload
    const digits = digitsOf(this.id)
    const to = copyTo(target, at, ANSWER, ANSWER.length)
    writeDigits(target, to, this.id, digits)
    const payloadEnd = copyTo(target, copyTo(target, to + digits, PAYLOAD, PAYLOAD.length), bytes, end)
    target[payloadEnd] = CLOSE
    return payloadEnd + 1 - at
  }

  constructor(role: Role) {
    this.role = role
  }

  decode(bytes: Uint8Array, start: number, end: number): Envelope | Malformed {
    const text = readUtf8(bytes, start, end)
    if (text === undefined) return new Malformed("MALFORMED_FRAME", "The frame is not valid UTF-8")
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      return new Malformed("MALFORMED_FRAME", `The frame is not JSON: ${(cause as Error).message.slice(0, 120)}`)
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return new Malformed(
        "MALFORMED_FRAME",
        `A frame must be a JSON object such as {"kind":"request","id":1,"name":"chat.join"}`
      )
    }
    return decodeFields(value as Fields, this.role)
  }

  write(connection: Connection, envelope: Envelope): SendResult {
    const { id, kind, meta, outcome, payload } = envelope
    if (!(payload instanceof JsonBytes)) {
      const text = encode(envelope, this.role)
      this.text = text
      return connection.write(text.length * 3, text.length, this.into, "text")
    }
    this.payload = payload
    if (kind === Kind.response && outcome === Outcome.success && meta === undefined && id !== 0) {
      this.id = id
      const length = ANSWER.length + digitsOf(id) + PAYLOAD.length + payload.end + 1
      return connection.write(length, length, this.intoAnswer, "text")
    }
    const text = head(envelope)
    this.text = text
    const rest = payload.end + 1
    return connection.write(text.length * 3 + rest, text.length + rest, this.intoWithPayload, "text")
  }

  frame(envelope: Envelope): Uint8Array {
    if (!(envelope.payload instanceof JsonBytes)) return encodeUtf8(encode(envelope, this.role))
    this.payload = envelope.payload
    this.text = head(envelope)
    const frame = new Uint8Array(this.text.length * 3 + envelope.payload.end + 1)
    return frame.slice(0, this.intoWithPayload(frame, 0))
  }
}

export const JsonWire: Wire = {
  name: "json",
  accepts: (bytes, start, end) => start < end && bytes[start] === 0x7b,
  frameKind: "text",
  correlation: "id",
  hello: true,
  numbered: false,
  codec: json,
  coder,
  make: (role) => new JsonSession(role)
}
