import * as Principal from "@mortise/core/auth/Principal"
import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"

export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { name: Schema.String }) {}

const Book = Schema.Struct({
  notes: Schema.Array(Schema.String),
  /** Elements of `forever` that were made. */
  made: Schema.Int,
  /** Handlers of `never` and `quiet` that were begun. */
  began: Schema.Int,
  /** Those, and of `forever`, that were given up. */
  interrupted: Schema.Int,
  /** Connections that the hooks know of. */
  open: Schema.Int
})

/** One message of each kind that a call may meet. */
export const Desk = Contract.make("desk", {
  auth: { principal: Principal.Principal, default: "none" },
  requests: {
    add: { payload: { a: Schema.Int, b: Schema.Int }, success: Schema.Int },
    nothing: {},
    find: { payload: { name: Schema.String }, success: Schema.String, error: NotFound },
    size: { payload: { text: Schema.String }, success: Schema.Int },
    fill: { payload: { length: Schema.Int }, success: Schema.String },
    count: { payload: { to: Schema.Int }, success: Schema.Struct({ n: Schema.Int }), error: NotFound, stream: true },
    forever: { success: Schema.String, stream: true },
    quiet: { success: Schema.String, stream: true },
    never: {},
    nest: { payload: { depth: Schema.Int }, success: Schema.Json },
    take: { payload: { any: Schema.Json } },
    who: { success: Schema.String, requires: "required" },
    rule: { requires: ["rule"] },
    from: { success: Schema.String },
    book: { success: Book },
    /** Keeps the process busy from now on. */
    spin: {}
  },
  signals: { note: { payload: { text: Schema.String } }, lost: {} },
  events: { rang: {} },
  relays: ["whisper"]
})

/** Served over TCP only. */
export const Local = Contract.make("local", { requests: { ping: {} } })
