import * as Framing from "@mortise/core/transport/Framing"
import { limitsOf, limitsProblem, type OutboxLimits } from "@mortise/core/transport/Outbox"
import { type Capabilities, TransportError } from "@mortise/core/transport/Transport"
import type { StreamOptions } from "../StreamOptions.ts"

/** Options with their defaults filled in. */
export interface Settings {
  readonly name: string
  readonly framing: Framing.Framing
  readonly limits: OutboxLimits
  readonly closeTimeoutMillis: number
  readonly capabilities: Capabilities
}

export const settingsOf = (name: string, options: StreamOptions): Settings => {
  const { framing = "u32-be", maxFrameBytes } = options
  const chosen = typeof framing === "string" ? Framing.byName(framing, { maxFrameBytes }) : framing
  return {
    name,
    framing: chosen,
    limits: limitsOf(options.limits, chosen.maxFrameBytes),
    closeTimeoutMillis: options.closeTimeoutMillis ?? 5000,
    capabilities: {
      ordered: true,
      reliable: true,
      duplex: true,
      text: false,
      closeCodes: false,
      maxFrameBytes: chosen.maxFrameBytes
    }
  }
}

export const problemOf = (settings: Settings, reason: "listen" | "connect"): TransportError | undefined => {
  const problem = limitsProblem(settings.limits, settings.framing.maxFrameBytes)
  return problem === undefined ? undefined : new TransportError({ reason, transport: settings.name, message: problem })
}
