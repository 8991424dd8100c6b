/** Envelopes as NATS messages; docs/events.md describes them for other clients. */
import { type Answer, type Delivery, type Outgoing, type Settlement, unread } from "@mortise/core/events/Broker"
import { type Msg, type MsgHdrs, headers as makeHeaders } from "@nats-io/nats-core"

const ID = "Nats-Msg-Id"
const TIME = "Mortise-Time"
const CORRELATION = "Mortise-Correlation-Id"
const CAUSATION = "Mortise-Causation-Id"
const VERSION = "Mortise-Version"
const OUTCOME = "Mortise-Outcome"
const REFERENCE = "Mortise-Reference"
const SERVICE_ERROR = "Nats-Service-Error"
const SERVICE_CODE = "Nats-Service-Error-Code"

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { fatal: true })

/** The body: the payload as JSON, `null` where there is none. */
export const body = (payload: unknown): Uint8Array => encoder.encode(JSON.stringify(payload ?? null))

/** What came of a chosen correlation id must not become a header of its own. */
const oneLine = (text: string): string => text.replaceAll(/[\r\n]/g, " ")

/** Headers that say what their absence would say are left out. */
export const headersOf = (event: Outgoing): MsgHdrs => {
  const made = makeHeaders()
  made.set(ID, event.id)
  made.set(TIME, String(event.time))
  if (event.correlationId !== event.id) made.set(CORRELATION, oneLine(event.correlationId))
  if (event.causationId !== undefined) made.set(CAUSATION, oneLine(event.causationId))
  if (event.version !== 1) made.set(VERSION, String(event.version))
  return made
}

/** A message as it has come: what is needed of core's and of JetStream's. */
export interface Incoming {
  readonly data: Uint8Array
  readonly headers?: MsgHdrs | undefined
}

const parse = (data: Uint8Array): { readonly payload: unknown; readonly malformed: string | undefined } => {
  try {
    return { payload: JSON.parse(decoder.decode(data)), malformed: undefined }
  } catch (cause) {
    // V8 quotes the text in its message, which may be what nobody should read in a log
    const what = cause instanceof SyntaxError ? "the body is no JSON" : "the body is no UTF-8"
    return { payload: undefined, malformed: data.length === 0 ? "the body is empty" : what }
  }
}

const whole = (text: string | undefined, otherwise: number): number =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : otherwise
/** Ids of strangers are kept as long as they are short. */
const MAX_ID = 256
const idOf = (text: string | undefined): string | undefined =>
  text === undefined || text === "" || text.length > MAX_ID ? undefined : text

/** `unnamed` gives an id to what has none. */
export const deliveryOf = (
  subject: string,
  message: Incoming,
  given: {
    readonly now: number
    readonly unnamed: () => string
    readonly attempt: number
    readonly reply: Delivery["reply"]
    readonly settle: Settlement | undefined
  }
): Delivery => {
  const { headers } = message
  const id = idOf(headers?.get(ID)) ?? given.unnamed()
  const { malformed, payload } = parse(message.data)
  return {
    id,
    subject,
    time: whole(headers?.get(TIME), given.now),
    correlationId: idOf(headers?.get(CORRELATION)) ?? id,
    causationId: idOf(headers?.get(CAUSATION)),
    version: whole(headers?.get(VERSION), 1),
    payload,
    value: undefined,
    codec: undefined,
    attempt: given.attempt,
    malformed,
    reply: given.reply,
    settle: given.settle,
    last: unread()
  }
}

/** Answers a request: the body is the answer; errors have headers, those of the NATS service API among them. */
export const respond = (message: Msg, answer: Answer): void => {
  if (answer.outcome === "success") return void message.respond(body(answer.payload))
  const made = makeHeaders()
  made.set(OUTCOME, answer.outcome)
  if (answer.outcome !== "defect") return void message.respond(body(answer.payload), { headers: made })
  made.set(SERVICE_CODE, "500")
  made.set(SERVICE_ERROR, oneLine(answer.reason))
  made.set(REFERENCE, oneLine(answer.reference))
  message.respond(new Uint8Array(0), { headers: made })
}

/** Reads an answer; services that are not ours answer by the NATS service API. */
export const answerOf = (message: Incoming): Answer => {
  const { headers } = message
  const outcome = headers?.get(OUTCOME)
  const failed = headers?.get(SERVICE_ERROR)
  if (outcome === "defect" || (outcome !== "error" && failed !== undefined && failed !== ""))
    return { outcome: "defect", reason: failed || "it broke", reference: headers?.get(REFERENCE) || "none" }
  const { malformed, payload } = parse(message.data)
  if (malformed !== undefined)
    return { outcome: "defect", reason: `its answer cannot be read: ${malformed}`, reference: "none" }
  return { outcome: outcome === "error" ? "error" : "success", payload }
}
