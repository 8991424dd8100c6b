import type { TurnShape } from "../../app/Turn.ts"
import type * as ConnectionState from "../ConnectionState.ts"
import type * as Observers from "../Observers.ts"
import type { CloseCode, Connection } from "../Transport.ts"
import type { Wire } from "../Wire.ts"
import type { AnswersOwner } from "./answers.ts"
import type { Door } from "./Door.ts"
import type { Deadlines } from "./deadlines.ts"
import type { GatewayConnection } from "./GatewayConnection.ts"
import type { LaneLimits } from "./Lanes.ts"
import type { Outlet } from "./Outlet.ts"
import type { SlowWork } from "./SlowWork.ts"
import type { TurnCounter } from "./TurnCounter.ts"
import type { Served, Table } from "./table.ts"

/** See `Gateway.Options`. */
export interface ConnectionLimits extends LaneLimits {
  readonly handshakeTimeoutMillis: number
  readonly deadlineMillis: number
  readonly maxDeadlineMillis: number
  readonly framesPerTurn: number
}

/** What a connection needs of the gateway that it belongs to. */
export interface Owner extends AnswersOwner {
  readonly table: Table
  readonly wires: ReadonlyArray<Wire>
  readonly limits: ConnectionLimits
  readonly deadlines: Deadlines
  readonly turn: TurnShape
  readonly turns: TurnCounter
  readonly slow: SlowWork
  readonly served: () => ReadonlyArray<Served>
  /** Asked about credentials; undefined where no contract asks who callers are. */
  readonly door: () => Door | undefined
  readonly observers: Observers.Registry
  readonly closed: (connection: GatewayConnection) => void
  readonly state: (change: ConnectionState.StateChange) => void
}

/** A connection, as its parts see it. */
export interface Line {
  readonly owner: Owner
  readonly connection: Connection
  readonly listener: string
  readonly outlet: Outlet
  readonly state: ConnectionState.ConnectionState
  /** What observers are told of it. */
  readonly observed: Observers.Observed
  /** Only along the edges of `ConnectionState.Next`: another step does not compile. */
  readonly step: <S extends ConnectionState.ConnectionState>(from: S, to: ConnectionState.Next[S]) => void
  readonly close: (code: CloseCode, reason: string) => void
}
