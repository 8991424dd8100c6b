/** Options that TCP and Unix sockets share. Plain data but for a framing of one's own. */
import type * as Framing from "@mortise/core/transport/Framing"
import type { OutboxLimits } from "@mortise/core/transport/Outbox"

export interface StreamOptions {
  /** How the stream is split into frames; must be the same on both sides. @default "u32-be" */
  readonly framing?: Framing.FramingName | Framing.Framing | undefined
  /** Largest frame in bytes; a framing of one's own has its own. @default 1 MiB */
  readonly maxFrameBytes?: number | undefined
  /** Bounds of what a connection may have pending, in bytes. @default 64 KiB; 4 MiB or two frames */
  readonly limits?: Partial<OutboxLimits> | undefined
  /** Milliseconds that a closing connection has to flush and to see its peer close. @default 5 000 */
  readonly closeTimeoutMillis?: number | undefined
}

export interface StreamListenerOptions extends StreamOptions {
  /** Connections at a time; more are turned away before they are looked at. @default unlimited */
  readonly maxConnections?: number | undefined
  /** Milliseconds that admission may take. @default 10 000 */
  readonly admitTimeoutMillis?: number | undefined
  /** Connections that the kernel keeps waiting to be accepted. @default 4 096 */
  readonly backlog?: number | undefined
}

export interface StreamConnectorOptions extends StreamOptions {
  /** Milliseconds until an attempt to connect fails with reason `timeout`. @default 10 000 */
  readonly timeoutMillis?: number | undefined
}
