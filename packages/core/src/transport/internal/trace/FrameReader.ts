import type { Connection, FrameKind } from "../../Transport.ts"
import { type Envelope, Kind, type KindName, Malformed, Outcome, type Wire, type WireSession } from "../../Wire.ts"
import type { Owner } from "../Owner.ts"
import { isServedOn, type Route } from "../table.ts"
import { controlOf, faultOf, helloOf, keysOf, NOT_SHOWN, PayloadReader, problemOf, typeOf } from "./shown.ts"

/** One frame as the log tells of it. */
export interface FrameSeen {
  /** `← request chat.say`: the arrow shows where it went, as seen from the server. */
  readonly message: string
  readonly fields: { readonly [key: string]: unknown }
}

type Direction = "in" | "out"
type Fields = { readonly [key: string]: unknown }

const arrows = { in: "←", out: "→" } as const
const outcomes = ["success", "error", "fault"] as const
const kindNames = new Map<Kind, KindName>(Object.entries(Kind).map(([name, kind]) => [kind, name as KindName]))
/** UTF-16 units of a name that a peer has chosen. */
const MAX_NAME = 64

interface Sides {
  readonly wire: Wire
  readonly in: WireSession
  readonly out: WireSession
}

/**
 * Reads the frames of one connection a second time, beside the gateway, with sessions of its own. Never throws, whatever
 * the frame is.
 */
export class FrameReader {
  private readonly connection: Connection
  private readonly owner: Owner
  private readonly payloads = new PayloadReader()
  private sides: Sides | undefined
  /** What requests in flight are for: an answer has only an id. No more than the gateway has in flight. */
  private readonly asked = new Map<number, Route>()

  constructor(connection: Connection, owner: Owner) {
    this.connection = connection
    this.owner = owner
  }

  /** `wire` is undefined until the gateway has seen the first frame, which chooses it. */
  received(wire: Wire | undefined, bytes: Uint8Array, start: number, end: number, kind: FrameKind): FrameSeen {
    return this.read("in", wire, bytes, start, end, kind)
  }

  sent(wire: Wire | undefined, frame: Uint8Array, kind: FrameKind): FrameSeen {
    return this.read("out", wire, frame, 0, frame.length, kind)
  }

  /** Frames are about to pass unread: what is known of requests may no longer hold when reading goes on. */
  forget(): void {
    if (this.asked.size > 0) this.asked.clear()
  }

  private read(
    direction: Direction,
    known: Wire | undefined,
    bytes: Uint8Array,
    start: number,
    end: number,
    kind: FrameKind
  ): FrameSeen {
    let wire = known
    const seen = (title: string, fields: Fields): FrameSeen => ({
      message: `${arrows[direction]} ${title}`,
      fields: {
        direction,
        ...fields,
        connection: this.connection.id,
        transport: this.connection.peer.transport,
        ...(wire === undefined ? {} : { wire: wire.name })
      }
    })
    const size = end - start
    const unreadable = (problem: string) => seen("unreadable", { kind: "unreadable", bytes: size, problem })
    try {
      wire ??= this.owner.wires.find(({ accepts }) => accepts(bytes, start, end, kind))
      if (wire === undefined) return unreadable("it is of none of the wires that are spoken here")
      const envelope = this.sidesOf(wire)[direction].decode(bytes, start, end, kind)
      if (envelope instanceof Malformed) return unreadable(problemOf(wire, envelope.fault))
      const { title, ...fields } = this.tell(direction, wire, envelope, size)
      return seen(title, fields)
    } catch (thrown) {
      return unreadable(`reading it threw ${thrown instanceof Error ? thrown.name : typeof thrown}`)
    }
  }

  private sidesOf(wire: Wire): Sides {
    if (this.sides?.wire === wire) return this.sides
    return (this.sides = { wire, in: wire.make("server"), out: wire.make("client") })
  }

  private tell(
    direction: Direction,
    wire: Wire,
    envelope: Envelope,
    bytes: number
  ): { readonly title: string } & Fields {
    const { id, kind, message, meta, outcome, peer } = envelope
    const name = kindNames.get(kind) ?? String(kind)
    const route = this.routeOf(direction, envelope)
    // only names that the server itself serves: a stranger's would make any number of different messages
    const label = kind === Kind.response && outcome !== Outcome.success ? outcomes[outcome] : name
    const known = route?.message.name ?? (message === 0 ? undefined : quote(message))
    return {
      title: route === undefined ? label : `${label} ${route.message.name}`,
      kind: name,
      ...(label === name ? {} : { outcome: label }),
      ...(known === undefined ? {} : { name: known }),
      ...(id === 0 ? {} : { id }),
      bytes,
      ...(kind === Kind.relay ? { [direction === "in" ? "to" : "from"]: quote(peer) } : {}),
      ...this.content(direction, wire, envelope, route, bytes),
      ...(meta === undefined ? {} : { meta: keysOf(meta) })
    }
  }

  /** What a frame is about; answers are found by their ids. */
  private routeOf(direction: Direction, { id, kind, message, payload }: Envelope): Route | undefined {
    if (direction === "in") {
      if (kind === Kind.cancel) return this.asked.get(id)
      const route = this.served(kind, message)
      if (route !== undefined && (kind === Kind.request || kind === Kind.relay)) this.remember(id, route)
      return route
    }
    if (kind === Kind.event || kind === Kind.relay) return this.served(kind, message)
    // the id that is in use may be one of a request that was not seen
    if (kind === Kind.control && controlOf(payload).fault?.code === "DUPLICATE_ID") this.forget()
    const route = this.asked.get(id)
    if (kind === Kind.response || kind === Kind.end) this.asked.delete(id)
    return route
  }

  private served(kind: Kind, message: number | string): Route | undefined {
    const route = message === 0 ? undefined : this.owner.table.find(message)
    if (route === undefined || Kind[route.message.kind] !== kind) return undefined
    return isServedOn(route.implementation, this.connection.peer.transport) ? route : undefined
  }

  private remember(id: number, route: Route): void {
    const { maxBacklog, maxInFlight } = this.owner.limits
    if (id === 0 || this.sides?.wire.correlation !== "id" || this.asked.has(id)) return
    if (this.asked.size <= maxBacklog + maxInFlight) this.asked.set(id, route)
  }

  private content(
    direction: Direction,
    wire: Wire,
    envelope: Envelope,
    route: Route | undefined,
    bytes: number
  ): Fields {
    const { kind, outcome, payload } = envelope
    if (payload === undefined || kind === Kind.cancel) return {}
    switch (kind) {
      case Kind.hello:
        return { payload: helloOf(payload) }
      case Kind.control:
        return { payload: direction === "in" ? typeOf(payload) : controlOf(payload) }
      case Kind.relay:
        return { payload }
      case Kind.request:
      case Kind.signal:
      case Kind.event:
      case Kind.item:
      case Kind.response:
        if (direction === "out" && kind === Kind.response && outcome === Outcome.fault) {
          return { payload: faultOf(payload) }
        }
        if (route === undefined) return { payload: NOT_SHOWN }
        return this.payloads.read(wire, envelope, route, bytes)
      default:
        return { payload: NOT_SHOWN }
    }
  }
}

const quote = (name: number | string): string | number => (typeof name === "string" ? name.slice(0, MAX_NAME) : name)
