/**
 * A wire of another nature than ours, made to be thrown away: the one of dotfiles_socket. Each frame is a MessagePack map
 * of five keys; both sides only tell. No hello, no ids, no answers: many of its clients never send anything.
 *
 *   event_name, timestamp_ms, timestamp_iso, message_type ("data" | "error" | "control"), data
 */
import { BinaryWire } from "../../../src/transport/BinaryWire.ts"
import { withBytes } from "../../../src/transport/internal/codec.ts"
import { pack, problem, unpack } from "../../../src/transport/internal/messagePack.ts"
import { type Envelope, type Fault, Kind, Malformed, Outcome, type Wire } from "../../../src/transport/Wire.ts"

/** `contract` is what stands before the names of events; `requests` are the events that are requests to the contract. */
export const make = (contract: string, requests: ReadonlyArray<string>, now: () => Date): Wire => {
  const { coder: _, ...rest } = BinaryWire
  const encode = ({ kind, message, outcome, payload }: Envelope): Uint8Array | undefined => {
    const isFault = kind === Kind.control && (payload as { readonly type: string }).type === "fault"
    const isTold = kind === Kind.event || kind === Kind.signal || kind === Kind.request
    if (!isTold && !isFault && !(kind === Kind.response && outcome === Outcome.fault)) return undefined
    const fault = isFault ? (payload as { readonly fault: Fault }).fault : payload
    const at = now()
    const { bytes, end, start } = pack(
      {
        event_name: isTold ? String(message).slice(contract.length + 1) : "error",
        timestamp_ms: at.getTime(),
        timestamp_iso: at.toISOString().replace("Z", "+00:00"),
        message_type: isTold ? "data" : "error",
        data: isTold ? (payload ?? {}) : fault
      },
      0
    )
    return Uint8Array.from(bytes.subarray(start, end))
  }
  return {
    ...rest,
    name: "map",
    // a map of five
    accepts: (bytes, start) => bytes[start] === 0x85,
    correlation: "none",
    hello: false,
    numbered: false,
    codec: withBytes,
    make: (role) => ({
      decode: (bytes, start, end) => {
        const wrong = problem(bytes, start, end)
        if (wrong !== undefined) return new Malformed("MALFORMED_FRAME", wrong)
        const fields = unpack(bytes, start, end) as { readonly [field: string]: unknown } | null
        const { data, event_name: name, message_type: type } = fields ?? {}
        if (typeof name !== "string" || !/^[a-zA-Z0-9_-]{1,64}$/.test(name) || typeof data !== "object")
          return new Malformed("MALFORMED_FRAME", "A message has event_name, message_type and data")
        const none = { id: 0, outcome: Outcome.success, meta: undefined, peer: "" }
        if (type === "error")
          return { ...none, kind: Kind.control, message: 0, payload: { type: "fault", fault: data } }
        const asked = requests.includes(name) ? Kind.request : Kind.signal
        return { ...none, kind: role === "server" ? asked : Kind.event, message: `${contract}.${name}`, payload: data }
      },
      write: (connection, envelope) => {
        const frame = encode(envelope)
        return frame === undefined ? "sent" : connection.send(frame, "binary")
      },
      frame: (envelope) => encode(envelope) ?? new Uint8Array(0)
    })
  }
}
