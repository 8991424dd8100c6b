/**
 * What becomes of bugs behind a transport, for authors of transports: they cost one connection, never the listener, and
 * are not lost.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { Admission, Admit, PeerInfo } from "./Transport.ts"

/** Told of what a handler of connection `id` threw. Does not throw itself. */
export type Report = (id: string, cause: unknown) => void

/** A report to the log of whoever calls this: made once where a transport listens or connects, used on its data path. */
export const makeReport: Effect.Effect<Report> = Effect.map(Effect.context<never>(), (context) => {
  const run = Effect.runForkWith(context)
  return (id, cause) => {
    run(Effect.logError(`A handler of connection ${id} threw; the connection is closed.`, Cause.die(cause)))
  }
})

/** Asks `admit`; one that dies refuses that peer with 500 and is logged. */
export const admitted = (admit: Admit, peer: PeerInfo): Effect.Effect<Admission> =>
  Effect.catchCause(admit(peer), (cause) =>
    Cause.hasInterruptsOnly(cause)
      ? Effect.failCause(cause)
      : Effect.as(Effect.logError(`Admission of ${peer.address} over ${peer.transport} failed.`, cause), {
          _tag: "Refuse",
          status: 500,
          reason: "internal error"
        } as const)
  )
