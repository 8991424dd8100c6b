import * as Effect from "effect/Effect"
import type { TurnShape } from "../../app/Turn.ts"
import type { Connections } from "./Connections.ts"

/** How long a streamed answer may go on once everything else has ended. */
const STREAM_GRACE_MILLIS = 500
/** How often it is looked whether handlers have ended. */
const LOOK_MILLIS = 10
/** How long clients are asked to stay away; they add jitter of their own. */
export const RETRY_AFTER_MILLIS = 1000
export const SHUTTING_DOWN = "the server is shutting down"

/** Tells clients to go away, waits for what runs, closes. */
export const drainAll = (connections: Connections, turn: TurnShape): Effect.Effect<void> =>
  Effect.suspend(() => {
    for (const connection of connections.values()) connection.drain(SHUTTING_DOWN, RETRY_AFTER_MILLIS)
    return finished(connections, turn).pipe(
      Effect.andThen(streamsEnd(connections, turn)),
      Effect.andThen(connections.closeAll(1001, SHUTTING_DOWN))
    )
  })

/** Waits until nothing of one connection runs or waits. */
export const idle = (connections: Connections, id: string, turn: TurnShape): Effect.Effect<void> =>
  Effect.suspend(() => {
    const connection = connections.get(id)
    return connection === undefined || connection.isIdle
      ? Effect.void
      : Effect.andThen(wait(turn, LOOK_MILLIS), idle(connections, id, turn))
  })

/** Handlers end at any time and in any order; a look once a tick costs less than telling of each. */
const finished = (connections: Connections, turn: TurnShape): Effect.Effect<void> =>
  Effect.suspend(() =>
    [...connections.values()].every((connection) => connection.isDone)
      ? Effect.void
      : Effect.andThen(wait(turn, LOOK_MILLIS), finished(connections, turn))
  )

/** A stream may never end by itself: it gets a moment for it, and is told otherwise. */
const streamsEnd = (connections: Connections, turn: TurnShape): Effect.Effect<void> =>
  Effect.suspend(() => {
    const open = [...connections.values()].filter((connection) => !connection.isIdle)
    if (open.length === 0) return Effect.void
    return Effect.andThen(
      wait(turn, STREAM_GRACE_MILLIS),
      Effect.sync(() => {
        for (const connection of open) connection.endStreams()
      })
    )
  })

const wait = (turn: TurnShape, millis: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const cancel = turn.arm(millis, () => resume(Effect.void))
    return Effect.sync(cancel)
  })
