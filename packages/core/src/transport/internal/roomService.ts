import * as Effect from "effect/Effect"
import type { Message } from "../Contract.ts"
import { Rooms } from "../Rooms.ts"
import type { Connections } from "./Connections.ts"
import type { GatewayConnection } from "./GatewayConnection.ts"
import type { Publisher, RoomIndex } from "./roomIndex.ts"

/** The rooms of a gateway as an app uses them. */
export const roomService = (connections: Connections, rooms: RoomIndex, publisher: Publisher): Rooms["Service"] => {
  const at = (id: string): Iterable<GatewayConnection> => {
    const one = connections.get(id)
    return one === undefined ? [] : [one]
  }
  const publish = (
    to: () => Iterable<GatewayConnection>,
    event: Message,
    payload: unknown,
    except: string | undefined
  ) => Effect.sync(() => publisher.publish(to(), event, payload, except))

  return Rooms.of({
    join: (room, id) =>
      Effect.sync(() => {
        const connection = connections.get(id)
        return connection !== undefined && rooms.join(room, connection)
      }),
    leave: (room, id) =>
      Effect.sync(() => {
        const connection = connections.get(id)
        if (connection !== undefined) rooms.leave(room, connection)
      }),
    members: (room) => Effect.sync(() => rooms.members(room).map((member) => member.connection.id)),
    of: (id) => Effect.sync(() => [...(connections.get(id)?.rooms.keys() ?? [])]),
    publish: (room, event, ...[payload, options]) =>
      publish(() => rooms.members(room), event, payload, options?.except),
    publishAll: (event, ...[payload, options]) => publish(() => connections.values(), event, payload, options?.except),
    send: (id, event, ...[payload, options]) => publish(() => at(id), event, payload, options?.except)
  })
}
