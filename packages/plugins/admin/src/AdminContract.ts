/** What may be said to a running app through its admin socket. */
import { categories } from "@mortise/core/app/LogSink"
import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"

export const Info = Schema.Struct({
  pid: Schema.Int,
  /** Version of Node. */
  node: Schema.String,
  /** Milliseconds since the process was started. */
  uptimeMillis: Schema.Int,
  /** In the order in which they were started. */
  plugins: Schema.Array(Schema.String),
  listening: Schema.Array(Schema.Struct({ name: Schema.String, address: Schema.String })),
  connections: Schema.Int,
  /** Whether it stops, and takes no new work. */
  draining: Schema.Boolean,
  /** Bytes. */
  memory: Schema.Struct({ rss: Schema.Int, heapUsed: Schema.Int }),
  /** From which severity on lines are written, by category. */
  levels: Schema.Record(Schema.String, Schema.String)
})
export type Info = typeof Info.Type

export const ClientInfo = Schema.Struct({
  id: Schema.String,
  transport: Schema.String,
  address: Schema.String,
  state: Schema.String,
  /** Until the first frame: none. */
  wire: Schema.optionalKey(Schema.String),
  principal: Schema.optionalKey(Schema.String)
})
export type ClientInfo = typeof ClientInfo.Type

export const Category = Schema.Literals([...categories, "all"])
export const Level = Schema.Literals(["All", "Trace", "Debug", "Info", "Warn", "Error", "Fatal", "None"])

export const Admin = Contract.make("mortise-admin", {
  requests: {
    info: { success: Info },
    clients: { success: Schema.Array(ClientInfo) },
    /** Closes one connection; false where there is none of this id. */
    close: {
      payload: { id: Schema.String, reason: Schema.String.check(Schema.isMaxLength(100)) },
      success: Schema.Boolean
    },
    /** Sets from which severity on lines are written, until the app ends; gives the levels of all categories. */
    level: { payload: { category: Category, level: Level }, success: Schema.Record(Schema.String, Schema.String) },
    /** The lines of the log from now on, as JSON; the oldest are left out where they come faster than they are read. */
    listen: { success: Schema.String, stream: true },
    /** Ends the app as SIGTERM does. */
    stop: { success: Schema.Boolean }
  }
})
