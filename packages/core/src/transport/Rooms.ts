/** Groups of connections that get the same events. A connection leaves all its rooms when it closes. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Event } from "./Contract.ts"

type Arguments<P> = [P] extends [void]
  ? [payload?: void, options?: PublishOptions]
  : [payload: P, options?: PublishOptions]
export interface PublishOptions {
  /** Id of a connection that does not get it, such as the one whose message this is. */
  readonly except?: string
}

/**
 * Publishing encodes once for each wire in use and gives the number of connections that took the event; what becomes of
 * those that are too slow is declared with the event (`whenSlow`). A payload that does not match the event's schema, or
 * an event that no gateway serves, is a defect.
 */
export class Rooms extends Context.Service<
  Rooms,
  {
    /** False where the connection is gone or in as many rooms as the gateway allows (1 000 unless configured). */
    readonly join: (room: string, connection: string) => Effect.Effect<boolean>
    readonly leave: (room: string, connection: string) => Effect.Effect<void>
    /** Ids of the connections in a room. */
    readonly members: (room: string) => Effect.Effect<ReadonlyArray<string>>
    /** Names of the rooms that a connection is in. */
    readonly of: (connection: string) => Effect.Effect<ReadonlyArray<string>>
    readonly publish: <P>(room: string, event: Event<P>, ...payload: Arguments<P>) => Effect.Effect<number>
    /** To every open connection. */
    readonly publishAll: <P>(event: Event<P>, ...payload: Arguments<P>) => Effect.Effect<number>
    /** To one connection. */
    readonly send: <P>(connection: string, event: Event<P>, ...payload: Arguments<P>) => Effect.Effect<number>
  }
>()("@mortise/core/transport/Rooms") {}
