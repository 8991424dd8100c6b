/** The envelope as headers; docs/events.md describes them for other clients. */
import type { Outgoing } from "@mortise/core/events/Broker"
import { type MsgHdrs, headers as makeHeaders } from "@nats-io/nats-core"

const ID = "Nats-Msg-Id"
const TIME = "Mortise-Time"
const CORRELATION = "Mortise-Correlation-Id"
const CAUSATION = "Mortise-Causation-Id"
const VERSION = "Mortise-Version"

const BREAKS = /[\r\n]/
/** What came of a chosen correlation id must not become a header of its own. */
export const oneLine = (text: string): string => (BREAKS.test(text) ? text.replaceAll(/[\r\n]/g, " ") : text)

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

// events come in bursts: many have the time of the one before
let lastTime = 0
let timeLine = ""
const timeLineOf = (time: number): string => {
  if (time !== lastTime) {
    lastTime = time
    timeLine = `\r\n${TIME}: ${time}\r\n`
  }
  return timeLine
}

/** The same as they stand on the wire, without an object between. */
export const headerText = (event: Outgoing): string => {
  const { causationId, correlationId, id, time, version } = event
  // the id is the bus's own: letters, digits and a hyphen
  let text = `NATS/1.0\r\n${ID}: ${id}${timeLineOf(time)}`
  if (correlationId !== id) text += `${CORRELATION}: ${oneLine(correlationId)}\r\n`
  if (causationId !== undefined) text += `${CAUSATION}: ${oneLine(causationId)}\r\n`
  if (version !== 1) text += `${VERSION}: ${version}\r\n`
  return `${text}\r\n`
}

/** What headers say, where they do. */
export interface Named {
  id: string | undefined
  time: number | undefined
  correlationId: string | undefined
  causationId: string | undefined
  version: number | undefined
}

const whole = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
/** Ids of strangers are kept as long as they are short. */
const MAX_ID = 256
const short = (text: string | undefined): string | undefined =>
  text === undefined || text === "" || text.length > MAX_ID ? undefined : text

export const readHeaders = (headers: MsgHdrs | undefined): Named => {
  const named: Named = {
    id: undefined,
    time: undefined,
    correlationId: undefined,
    causationId: undefined,
    version: undefined
  }
  if (headers === undefined) return named
  for (const [name, [value]] of headers) {
    if (name === ID) named.id = short(value)
    else if (name === TIME) named.time = whole(value)
    else if (name === CORRELATION) named.correlationId = short(value)
    else if (name === CAUSATION) named.causationId = short(value)
    else if (name === VERSION) named.version = whole(value)
  }
  return named
}
