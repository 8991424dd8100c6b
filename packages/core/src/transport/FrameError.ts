/** Why bytes of a peer are not a frame, or why bytes cannot be sent as one. */
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"
import type { CloseCode } from "./Transport.ts"

/** Raised by framings and frame transforms. The connection closes with `closeCode`: nothing after it can be trusted. */
export class FrameError extends Errors.make<FrameError>()(
  "FrameError",
  {
    component: "transport",
    prefix: "FRAME",
    reasons: {
      "too-large": { status: 413 },
      malformed: { status: 400 }
    }
  },
  {
    reason: Schema.Literals(["too-large", "malformed"]),
    /** Framing or transform that found it. */
    stage: Schema.String,
    message: Schema.String
  }
) {
  /** RFC 6455 §7.4.1: 1009 for a frame over the limit, 1002 for one that is broken. */
  get closeCode(): CloseCode {
    return this.reason === "too-large" ? 1009 : 1002
  }
}
