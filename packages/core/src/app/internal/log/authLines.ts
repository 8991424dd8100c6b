import type * as Effect from "effect/Effect"
import type { AuthEvent } from "../../../auth/AuthEvents.ts"
import * as Log from "../../Log.ts"

/** What the log says about authentication. Ids of sessions and tokens are no secrets: their secrets are stored nowhere. */
export const authLines = (event: AuthEvent): Effect.Effect<void> => {
  switch (event.type) {
    case "succeeded": {
      const { address, method, principal } = event
      return Log.security("signed in", { method, principal, address }, "Info")
    }
    case "failed": {
      const { account, address, method, reason } = event
      return Log.security("sign-in refused", { method, reason, account, address })
    }
    case "revoked":
      return Log.security("sessions or tokens ended", { ids: event.ids }, "Info")
  }
}
