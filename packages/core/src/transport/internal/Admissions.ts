import * as Effect from "effect/Effect"
import type { Authenticated } from "../../auth/Auth.ts"
import type { Admission, Admit, Connection, ConnectionHandler, PeerInfo, Refuse } from "../Transport.ts"
import type { Connections } from "./Connections.ts"
import { type Asked, type Door, refusalOf } from "./Door.ts"
import { RETRY_AFTER_MILLIS, SHUTTING_DOWN } from "./drain.ts"

export interface AdmissionRules {
  readonly maxConnections: number
  /** See `Gateway.Options`. */
  readonly admit: ((peer: PeerInfo) => Effect.Effect<Refuse | undefined>) | undefined
  readonly door: () => Door | undefined
}

/** Opens a connection that has been admitted; `known` where its headers have shown who it is. */
export type Open = (connection: Connection, known: Authenticated | undefined, now: number) => ConnectionHandler

/** Decides which connections are taken, before they are: how many, what the app says, what headers show. */
export class Admissions {
  /** nobody is taken any more */
  draining = false
  private readonly connections: Connections
  private readonly rules: AdmissionRules
  /** peers that are being asked about */
  private asking = 0

  constructor(connections: Connections, rules: AdmissionRules) {
    this.connections = connections
    this.rules = rules
  }

  /** As a listener asks; `open` is that listener's. */
  by(open: Open): Admit {
    const acceptAs = (known: Authenticated | undefined, now: number): Admission => ({
      _tag: "Accept",
      open: (connection) => open(connection, known, now)
    })
    const accept = acceptAs(undefined, 0)
    const decided = (asked: Asked): Admission =>
      asked._tag === "Refused" ? refusalOf(asked.fault) : acceptAs(asked.known, asked.now)
    const { admit, door, maxConnections } = this.rules
    return (peer) => {
      if (this.draining) return Effect.succeed(unavailable(SHUTTING_DOWN))
      if (this.connections.size + this.asking >= maxConnections)
        return Effect.succeed(unavailable("the server has as many connections as it takes"))
      const question = door()?.admission(peer)
      if (admit === undefined && question === undefined) return Effect.succeed(accept)
      return Effect.suspend(() => {
        // counted while it is asked, or a flood would pass while nobody is open yet
        this.asking++
        return Effect.ensuring(
          Effect.flatMap(admit === undefined ? Effect.succeed(undefined) : admit(peer), (refused) => {
            if (refused !== undefined) return Effect.succeed<Admission>(refused)
            return question === undefined ? Effect.succeed(accept) : Effect.map(question, decided)
          }),
          Effect.sync(() => void this.asking--)
        )
      })
    }
  }
}

const unavailable = (reason: string): Refuse => ({
  _tag: "Refuse",
  status: 503,
  reason,
  retryAfterMillis: RETRY_AFTER_MILLIS
})
