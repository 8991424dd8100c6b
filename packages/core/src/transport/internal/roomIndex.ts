import type { Message } from "../Contract.ts"
import { InvalidPayload, Kind, Outcome, type Wire, type WireSession } from "../Wire.ts"
import type { GatewayConnection } from "./GatewayConnection.ts"
import { badPayload, isServedOn, type Route, type Table } from "./table.ts"

/**
 * Who is in which room. Members are dense arrays, so that publishing is a plain loop; each connection knows its place in
 * every room it is in, so that leaving moves one member only.
 */
export class RoomIndex {
  private readonly rooms = new Map<string, Array<GatewayConnection>>()
  private readonly maxRoomsPerConnection: number

  constructor(maxRoomsPerConnection: number) {
    this.maxRoomsPerConnection = maxRoomsPerConnection
  }

  join(room: string, connection: GatewayConnection): boolean {
    if (connection.rooms.has(room)) return true
    if (connection.state === "closed" || connection.rooms.size >= this.maxRoomsPerConnection) return false
    let members = this.rooms.get(room)
    if (members === undefined) this.rooms.set(room, (members = []))
    connection.rooms.set(room, members.length)
    members.push(connection)
    return true
  }

  leave(room: string, connection: GatewayConnection): void {
    const place = connection.rooms.get(room)
    const members = this.rooms.get(room)
    if (place === undefined || members === undefined) return
    connection.rooms.delete(room)
    const last = members.pop() as GatewayConnection
    if (last !== connection) {
      members[place] = last
      last.rooms.set(room, place)
    }
    if (members.length === 0) this.rooms.delete(room)
  }

  leaveAll(connection: GatewayConnection): void {
    for (const room of [...connection.rooms.keys()]) this.leave(room, connection)
  }

  members(room: string): ReadonlyArray<GatewayConnection> {
    return this.rooms.get(room) ?? []
  }
}

/** Encodes an event at most once for each wire, and sends it to many. */
export class Publisher {
  private readonly table: Table
  private readonly sessions = new Map<Wire, WireSession>()

  constructor(table: Table) {
    this.table = table
  }

  /** Gives how many connections took it. Throws where the payload does not match the event's schema. */
  publish(to: Iterable<GatewayConnection>, event: Message, payload: unknown, except: string | undefined): number {
    const route = this.table.find(event.name)
    if (route === undefined)
      throw new TypeError(`No gateway serves the event ${event.name}: serve its contract before publishing it`)
    const frames = new Map<Wire, Uint8Array>()
    const drops = event.definition.whenSlow === "drop"
    let taken = 0
    for (const connection of to) {
      const { state, wire } = connection
      if (wire === undefined || state === "connecting" || state === "closed" || connection.connection.id === except)
        continue
      // its hello did not list the event
      if (!isServedOn(route.implementation, connection.listener)) continue
      if (route.guard !== undefined && !connection.mayHear(route)) continue
      let frame = frames.get(wire)
      if (frame === undefined) frames.set(wire, (frame = this.encode(wire, route, payload)))
      if (connection.connection.send(frame, wire.frameKind) !== "refused") taken++
      else if (!drops) connection.close(1013, "too slow for the events it gets")
    }
    return taken
  }

  private encode(wire: Wire, route: Route, payload: unknown): Uint8Array {
    const { name } = route.message
    const prepared = route.payload(wire).prepare(payload)
    if (prepared instanceof InvalidPayload) throw new TypeError(badPayload(route.message, prepared).message)
    let session = this.sessions.get(wire)
    if (session === undefined) this.sessions.set(wire, (session = wire.make("server")))
    return session.frame({
      kind: Kind.event,
      id: 0,
      message: wire.numbered ? route.number : name,
      outcome: Outcome.success,
      payload: prepared,
      meta: undefined,
      peer: ""
    })
  }
}
