/** Why bytes are not the sealed stream that they should be. */
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"

/** What came before `chunk` is authentic; nothing of it or behind it was passed on. */
export class SealedStreamError extends Errors.make<SealedStreamError>()(
  "SealedStreamError",
  {
    component: "crypto",
    prefix: "SEALED_STREAM",
    reasons: {
      malformed: { status: 400 },
      "wrong-key": { status: 400 },
      truncated: { status: 400 },
      extended: { status: 400 },
      altered: { status: 400 },
      "too-long": { status: 413 }
    }
  },
  {
    /**
     * `malformed`: it does not begin like a sealed stream. `wrong-key`: the key or the associated data are not those it was
     * sealed with. `truncated`: it ends too early. `extended`: it goes on behind its end. `altered`: this chunk is changed,
     * moved, repeated or of another stream. `too-long`: more than 2^32 chunks.
     */
    reason: Schema.Literals(["malformed", "wrong-key", "truncated", "extended", "altered", "too-long"]),
    /** Index of the chunk where it was found. */
    chunk: Schema.Int,
    message: Schema.String
  }
) {}
