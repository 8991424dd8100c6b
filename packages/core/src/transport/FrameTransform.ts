/**
 * Stages that whole frames pass on their way: compression, encryption, checksums, scanning. They stand between the bytes
 * of a transport and the wire, wrap any listener or connector, and know nothing of messages.
 *
 * Outgoing frames go through the stages from first to last, incoming ones from last to first, so that both sides name
 * them in the same order.
 */
import * as Effect from "effect/Effect"
import { makeReport } from "./Faults.ts"
import type { FrameError } from "./FrameError.ts"
import { TransformedConnection } from "./internal/TransformedConnection.ts"
import { type Admission, type Capabilities, type Connector, type Listener, TransportError } from "./Transport.ts"

/** One connection's end of a stage; may keep state, for it sees every frame once, in order. */
export interface FrameStage {
  /**
   * What a received frame was before the peer's `outbound`. A frame that it cannot have been is answered with a
   * `FrameError`, which closes the connection with 1002 or 1009. The frame belongs to the transport: what is kept must be
   * copied; the result may be a part of it.
   */
  readonly inbound: (frame: Uint8Array) => Uint8Array | FrameError
  /** What is sent in place of `frame`: at most `maxOverheadBytes` longer. Must not change `frame`. */
  readonly outbound: (frame: Uint8Array) => Uint8Array
}

export interface FrameTransform {
  /** For error messages, for example `deflate`. */
  readonly name: string
  /** By how many bytes a frame may grow at most when it goes out. */
  readonly maxOverheadBytes: number
  /** Makes the stage of one connection. `maxFrameBytes` bounds what `inbound` may give: a compressed frame may be a bomb. */
  readonly make: (limits: { readonly maxFrameBytes: number }) => FrameStage
}

/**
 * Lets the frames of `listener` pass through `transforms`. Frames may be shorter than before by the overhead of all of
 * them, and are all binary: text is told apart no more.
 */
export const listener = (listener: Listener, transforms: ReadonlyArray<FrameTransform>): Listener => {
  const capabilities = capabilitiesOf(listener.capabilities, transforms)
  return {
    name: listener.name,
    capabilities,
    listen: Effect.fnUntraced(function* (admit) {
      yield* check("listen", listener, capabilities, transforms)
      const report = yield* makeReport
      return yield* listener.listen((peer) =>
        Effect.map(admit(peer), (admission): Admission => {
          if (admission._tag === "Refuse") return admission
          const { open } = admission
          return {
            _tag: "Accept",
            open: (connection) => new TransformedConnection(connection, transforms, capabilities, report).start(open)
          }
        })
      )
    })
  }
}

/** Lets the frames of `connector` pass through `transforms`: the same ones, in the same order, as at the listener. */
export const connector = (connector: Connector, transforms: ReadonlyArray<FrameTransform>): Connector => {
  const capabilities = capabilitiesOf(connector.capabilities, transforms)
  return {
    name: connector.name,
    capabilities,
    connect: Effect.fnUntraced(function* (open) {
      yield* check("connect", connector, capabilities, transforms)
      const report = yield* makeReport
      let transformed: TransformedConnection | undefined
      const inner = yield* connector.connect((connection) => {
        transformed = new TransformedConnection(connection, transforms, capabilities, report)
        return transformed.start(open)
      })
      return transformed ?? inner
    })
  }
}

const capabilitiesOf = (inner: Capabilities, transforms: ReadonlyArray<FrameTransform>): Capabilities => ({
  ...inner,
  text: false,
  maxFrameBytes: inner.maxFrameBytes - transforms.reduce((sum, { maxOverheadBytes }) => sum + maxOverheadBytes, 0)
})

const check = (
  reason: "listen" | "connect",
  inner: { readonly name: string; readonly capabilities: Capabilities },
  { maxFrameBytes }: Capabilities,
  transforms: ReadonlyArray<FrameTransform>
): Effect.Effect<void, TransportError> => {
  if (maxFrameBytes >= 1) return Effect.void
  const names = transforms.map(({ name }) => name).join(", ")
  return Effect.fail(
    new TransportError({
      reason,
      transport: inner.name,
      message: `Frames of ${inner.name} hold ${inner.capabilities.maxFrameBytes} bytes (maxFrameBytes), which ${names} need for themselves.`
    })
  )
}
