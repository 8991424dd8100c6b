/** What both plugins can be configured with. */
import * as Schema from "effect/Schema"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

export const shared = {
  /** Largest frame in bytes; 1 MiB unless given. */
  maxFrameBytes: Schema.optionalKey(Count),
  maxConnections: Schema.optionalKey(Count),
  closeTimeoutMillis: Schema.optionalKey(Count),
  admitTimeoutMillis: Schema.optionalKey(Count),
  backlog: Schema.optionalKey(Count)
}
