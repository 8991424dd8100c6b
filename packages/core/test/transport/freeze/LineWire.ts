/**
 * A wire of another nature than ours, made to be thrown away: lines of words, as IRC and SMTP have them. No hello, no
 * ids: answers come in the order of the questions.
 *
 *   JOIN lobby ada      →  OK 1            a request, its arguments by place; the last one takes the rest of the line
 *   NAMES lobby         →  + "ada"         a streamed answer: items, then a full stop
 *                          .
 *   JOIN full ada       →  NO {"_tag":…}   a declared error
 *   JION lobby          →  ERR UNKNOWN_MESSAGE …
 *   SAY lobby hi all                       a signal: not answered
 *                       ←  * SAID {…}      an event
 */
import { JsonWire } from "../../../src/transport/JsonWire.ts"
import type { Connection, SendResult } from "../../../src/transport/Transport.ts"
import { type Envelope, type Fault, Kind, Malformed, Outcome, type Wire } from "../../../src/transport/Wire.ts"

export interface Verb {
  readonly kind: "request" | "signal"
  readonly message: string
  readonly fields: ReadonlyArray<string>
}

const none = { id: 0, message: 0, outcome: Outcome.success, payload: undefined, meta: undefined, peer: "" } as const

/** `verbs` and `events` say what stands for the messages of a contract. */
export const make = (verbs: { readonly [verb: string]: Verb }, events: { readonly [verb: string]: string }): Wire => {
  const verbOf = new Map(Object.entries(verbs).map(([verb, { message }]) => [message, verb]))
  const eventOf = new Map(Object.entries(events).map(([verb, message]) => [message, verb]))

  const asked = (line: string): Envelope | Malformed => {
    const [word = "", ...rest] = line.split(" ")
    const verb = verbs[word.toUpperCase()]
    if (verb === undefined) return new Malformed("UNKNOWN_MESSAGE", `${word.slice(0, 20)} is no verb here`)
    const { fields, kind, message } = verb
    const payload: { [field: string]: string } = {}
    for (const [i, field] of fields.entries()) {
      const text = i === fields.length - 1 ? rest.slice(i).join(" ") : rest[i]
      if (text !== undefined && text !== "") payload[field] = text
    }
    return { ...none, kind: Kind[kind], message, payload }
  }

  const told = (line: string): Envelope | Malformed => {
    const space = line.indexOf(" ")
    const word = space < 0 ? line : line.slice(0, space)
    const rest = space < 0 ? "" : line.slice(space + 1)
    const data = (): unknown => (rest === "" ? undefined : JSON.parse(rest))
    switch (word) {
      case "OK":
        return { ...none, kind: Kind.response, payload: data() }
      case "+":
        return { ...none, kind: Kind.item, payload: data() }
      case ".":
        return { ...none, kind: Kind.end }
      case "NO":
        return { ...none, kind: Kind.response, outcome: Outcome.error, payload: data() }
      case "ERR": {
        const [code = "", ...words] = rest.split(" ")
        return { ...none, kind: Kind.response, outcome: Outcome.fault, payload: { code, message: words.join(" ") } }
      }
      case "*": {
        const [verb = "", ...json] = rest.split(" ")
        return { ...none, kind: Kind.event, message: events[verb] ?? 0, payload: JSON.parse(json.join(" ") || "null") }
      }
      case "BYE":
        return { ...none, kind: Kind.control, payload: { type: "goaway", reason: rest, retryAfterMillis: 0 } }
      default:
        return new Malformed("MALFORMED_FRAME", `${word} is nothing that a server says`)
    }
  }

  const json = (word: string, payload: unknown) => (payload === undefined ? word : `${word} ${JSON.stringify(payload)}`)

  const line = ({ kind, message, outcome, payload }: Envelope): string | undefined => {
    switch (kind) {
      case Kind.request:
      case Kind.signal: {
        const verb = verbOf.get(message as string) ?? ""
        const values = (verbs[verb]?.fields ?? []).map((field) => (payload as { [field: string]: string })[field] ?? "")
        return [verb, ...values].join(" ").trimEnd()
      }
      case Kind.response: {
        if (outcome === Outcome.success) return json("OK", payload)
        if (outcome === Outcome.error) return json("NO", payload)
        const { code, message: words } = payload as Fault
        return `ERR ${code} ${words}`
      }
      case Kind.item:
        return json("+", payload)
      case Kind.end:
        return "."
      case Kind.event:
        return json(`* ${eventOf.get(message as string)}`, payload)
      case Kind.control:
        return (payload as { readonly type: string }).type === "goaway" ? "BYE" : undefined
      default:
        return undefined
    }
  }

  // JSON's own coder writes for JSON's own sessions
  const { coder: _, ...rest } = JsonWire
  return {
    ...rest,
    name: "line",
    accepts: (bytes, start) => (bytes[start] ?? 0) >= 0x41 && (bytes[start] ?? 0) <= 0x5a,
    frameKind: "text",
    correlation: "order",
    hello: false,
    numbered: false,
    make: (role) => ({
      decode: (bytes, start, end) => {
        const text = new TextDecoder().decode(bytes.subarray(start, end))
        return role === "server" ? asked(text) : told(text)
      },
      write: (connection: Connection, envelope: Envelope): SendResult => {
        const text = line(envelope)
        // what the protocol has no words for is not said
        return text === undefined ? "sent" : connection.send(new TextEncoder().encode(text), "text")
      },
      frame: (envelope) => new TextEncoder().encode(line(envelope) ?? "")
    })
  }
}
