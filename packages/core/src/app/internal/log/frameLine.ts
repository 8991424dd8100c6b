import type { Entry } from "../../LogSink.ts"

/** A line of the gateway's trace of frames, in the parts that people read. */
export interface FrameLine {
  /** `#3 61 B`. */
  readonly size: string
  /** Where it came from or went: `tcp-3 json`. */
  readonly place: string
  readonly payload: unknown
  /** Fields that are not among the others. */
  readonly rest: { readonly [key: string]: unknown }
}

/** The parts of such a line; undefined for any other. */
export const frameLine = ({ category, fields, level, message }: Entry): FrameLine | undefined => {
  if (category !== "request" || level !== "Trace" || fields === undefined) return undefined
  const { bytes, connection, direction, id, kind, name, outcome, payload, transport, wire, ...rest } = fields
  if ((direction !== "in" && direction !== "out") || typeof bytes !== "number" || kind === undefined) return undefined
  return {
    size: id === undefined ? `${bytes} B` : `#${String(id)} ${bytes} B`,
    place: [connection, wire].filter((part) => part !== undefined).join(" "),
    payload,
    // one that is not known is no part of the message
    rest: name === undefined || message.endsWith(` ${String(name)}`) ? rest : { name, ...rest }
  }
}
