/** What may be said to a running app through its admin socket. */
import { categories } from "@mortise/core/app/LogSink"
import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"
import { AdminProfileRefused } from "./AdminError.ts"

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

/** Bytes of a payload, as JSON. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024
/** Bytes of a frame on the admin socket: a payload or an answer, and what goes around it. */
export const MAX_FRAME_BYTES = 2 * MAX_PAYLOAD_BYTES

/** One message that the app serves. */
export const MessageInfo = Schema.Struct({
  /** Contract and tag: `chat.join`. */
  name: Schema.String,
  kind: Schema.Literals(["request", "stream", "signal", "event", "relay"]),
  /** Names of the listeners that it is served on, where it is not all. */
  on: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Who may send it: `required`, `optional`, `none` or scopes; absent where the contract knows no callers. */
  requires: Schema.optionalKey(Schema.Union([Schema.String, Schema.Array(Schema.String)]))
})
export type MessageInfo = typeof MessageInfo.Type

/** What a call comes to, piece by piece. `json` is what the app has sent, as JSON text. */
export const Heard = Schema.Union([
  /** Of a request; without `json` where the message answers with no data. */
  Schema.TaggedStruct("Answer", { json: Schema.optionalKey(Schema.String) }),
  /** One element of a streamed answer. */
  Schema.TaggedStruct("Item", { json: Schema.String }),
  /** A signal was taken, and its handler has ended. */
  Schema.TaggedStruct("Sent", {}),
  /** An error that the contract declares. */
  Schema.TaggedStruct("Declared", { json: Schema.String }),
  /** What the framework has to say, with a code of docs/wire.md §5 or of `AppConnection`. */
  Schema.TaggedStruct("Fault", {
    code: Schema.String,
    message: Schema.String,
    path: Schema.optionalKey(Schema.Array(Schema.String)),
    reference: Schema.optionalKey(Schema.String),
    retryAfterMillis: Schema.optionalKey(Schema.Finite)
  })
])
export type Heard = typeof Heard.Type

export const Call = Schema.Struct({
  name: Schema.String.check(Schema.isMaxLength(200)),
  /** JSON. */
  payload: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(MAX_PAYLOAD_BYTES))),
  /** A bearer token, shown in the hello. */
  token: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(16 * 1024))),
  /** How long the handler may take; the app's own default, and its own maximum, otherwise. */
  timeoutMillis: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 86_400_000 })))
})
export type Call = typeof Call.Type

export const ProfileKind = Schema.Literals(["cpu", "heap", "allocations"])
export type ProfileKind = typeof ProfileKind.Type
/** How long a profile is taken, in seconds. */
export const Seconds = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 300 }))

export const Profile = Schema.Struct({
  kind: ProfileKind,
  /** Of the file that is made: absolute, in a folder that exists. */
  path: Schema.String.check(Schema.isMaxLength(4096)),
  /** Of no account for a snapshot of the heap. */
  seconds: Seconds
})
export type Profile = typeof Profile.Type

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
    /** What the app serves, on whatever listener. */
    messages: { success: Schema.Array(MessageInfo) },
    /** Sends one message to the app over a connection of its own, which ends with the answer, or when it is given up. */
    call: { payload: Call, success: Heard, stream: true },
    /** Profiles the app and writes the file, mode 0600; one at a time. Gives its size in bytes. */
    profile: {
      payload: Profile,
      success: Schema.Struct({ bytes: Schema.Int }),
      error: AdminProfileRefused,
      deadline: "1 hour"
    },
    /** Ends the app as SIGTERM does. */
    stop: { success: Schema.Boolean }
  }
})
