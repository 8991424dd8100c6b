/** Answers to requests as NATS messages; docs/events.md describes them for other clients. */
import type { Answer } from "@mortise/core/events/Broker"
import { type Msg, headers as makeHeaders } from "@nats-io/nats-core"
import type { Incoming } from "./Arrived.ts"
import { body, parse } from "./body.ts"
import { oneLine } from "./headers.ts"

const OUTCOME = "Mortise-Outcome"
const REFERENCE = "Mortise-Reference"
const SERVICE_ERROR = "Nats-Service-Error"
const SERVICE_CODE = "Nats-Service-Error-Code"

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
