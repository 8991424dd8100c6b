import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Log from "../../../app/Log.ts"
import type { Connection } from "../../Transport.ts"
import type { Owner } from "../Owner.ts"
import { FrameReader, type FrameSeen } from "./FrameReader.ts"
import { TracedConnection } from "./TracedConnection.ts"

/** Writes a gateway's frames to the app's log, where the level of the category `request` is `Trace`. */
export class FrameTrace {
  private readonly log: Log.Registry
  private readonly run: (line: Effect.Effect<void>) => unknown

  private constructor(log: Log.Registry, context: Context.Context<never>) {
    this.log = log
    this.run = Effect.runForkWith(context)
  }

  /** undefined where the app has no log. */
  static of(context: Context.Context<never>): FrameTrace | undefined {
    const log = Context.get(context, Log.Current)
    return log === undefined ? undefined : new FrameTrace(log, context)
  }

  get isOn(): boolean {
    return this.log.enabled("request", "Trace")
  }

  /** The connection with its frames shown; undefined where they are not wanted as it opens. */
  follow(connection: Connection, owner: Owner): TracedConnection | undefined {
    return this.isOn ? new TracedConnection(connection, this, new FrameReader(connection, owner)) : undefined
  }

  write({ fields, message }: FrameSeen): void {
    this.run(Log.write("request", "Trace", message, fields))
  }
}
