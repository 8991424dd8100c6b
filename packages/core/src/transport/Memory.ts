/**
 * A transport within one process: the semantics of a network one without a network. For tests, for simulations, and for
 * parts of one program that may be taken apart later.
 *
 * Frames are delivered in a later turn, never from within a send; a peer that pauses fills the sender's queue up to
 * `full` and `refused`. A received frame lies in memory that is overwritten after the call, as on a socket that reads
 * ahead, so that a decoder which keeps a view of it is found out here.
 */
import * as Effect from "effect/Effect"
import type { TurnShape } from "../app/Turn.ts"
import { Turn } from "../app/Turn.ts"
import { admitted, makeReport, type Report } from "./Faults.ts"
import { defaultMaxFrameBytes } from "./Framing.ts"
import { MemoryEnd } from "./internal/MemoryEnd.ts"
import { limitsOf, limitsProblem, type OutboxLimits } from "./Outbox.ts"
import type { Admit, Capabilities, Connector, Listener, PeerInfo } from "./Transport.ts"
import { TransportError } from "./Transport.ts"

export interface MemoryOptions {
  /** @default "memory" */
  readonly name?: string | undefined
  /** Bytes; @default 1 MiB */
  readonly maxFrameBytes?: number | undefined
  /** Bounds of each direction; what is missing comes from `Outbox.limitsOf`. */
  readonly limits?: Partial<OutboxLimits> | undefined
  /** What `admit` is told of whoever connects, for example headers that a network transport would bring. */
  readonly peer?: Partial<PeerInfo> | undefined
}

/** The two ends of one in-process address; nobody else can connect to it. */
export interface Memory {
  readonly listener: Listener
  readonly connector: Connector
}

interface Listening {
  readonly admit: Admit
  readonly turn: TurnShape
  readonly report: Report
  readonly ends: Set<MemoryEnd>
}

/** Makes a listener and the connector that reaches it. */
export const make = (options: MemoryOptions = {}): Memory => {
  const name = options.name ?? "memory"
  const maxFrameBytes = options.maxFrameBytes ?? defaultMaxFrameBytes
  const limits = limitsOf(options.limits, maxFrameBytes)
  const capabilities: Capabilities = {
    ordered: true,
    reliable: true,
    duplex: true,
    text: true,
    closeCodes: true,
    maxFrameBytes
  }
  const settings = { name, limits, maxFrameBytes }
  const server: PeerInfo = {
    transport: name,
    address: name,
    secure: true,
    headers: new Map(),
    path: "",
    origin: undefined
  }
  const client: PeerInfo = { ...server, ...options.peer, transport: name }
  const fail = (reason: TransportError["reason"], message: string): TransportError =>
    new TransportError({ reason, transport: name, message })
  let listening: Listening | undefined

  const listener: Listener = {
    name,
    capabilities,
    listen: Effect.fnUntraced(function* (admit) {
      const turn = yield* Turn
      const problem = limitsProblem(limits, maxFrameBytes)
      if (problem !== undefined) return yield* fail("listen", problem)
      if (listening !== undefined) {
        return yield* fail("listen", `Something listens on ${name} already; give one of the two another name.`)
      }
      const mine: Listening = { admit, turn, report: yield* makeReport, ends: new Set() }
      listening = mine
      yield* Effect.addFinalizer(() => {
        listening = undefined
        const ends = [...mine.ends]
        for (const end of ends) end.close(1001, "the listener closed")
        return Effect.forEach(ends, (end) => end.closed, { discard: true })
      })
      return [`memory:${name}`]
    })
  }

  const connector: Connector = {
    name,
    capabilities,
    connect: Effect.fnUntraced(function* (open) {
      const turn = yield* Turn
      const door = listening
      if (door === undefined) return yield* fail("connect", `Nothing listens on ${name}; start its listener first.`)
      const admission = yield* admitted(door.admit, client)
      if (admission._tag === "Refuse") {
        return yield* fail("refused", `The listener refused: ${admission.reason} (${admission.status}).`)
      }
      if (listening !== door) return yield* fail("connect", `The listener on ${name} closed meanwhile.`)
      const theirs = new MemoryEnd(settings, client, door.turn, door.report)
      const ours = new MemoryEnd(settings, server, turn, yield* makeReport)
      theirs.other = ours
      ours.other = theirs
      door.ends.add(theirs)
      theirs.onClosed = () => door.ends.delete(theirs)
      yield* Effect.addFinalizer(() => {
        ours.close(1000, "")
        return ours.closed
      })
      theirs.start(admission.open)
      ours.start(open)
      return ours
    })
  }

  return { listener, connector }
}
