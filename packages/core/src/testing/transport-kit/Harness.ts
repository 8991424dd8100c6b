/** What a transport brings to be tested, and what a case of the kit is. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CloseCode, Connector, Listener, TransportError } from "../../transport/Transport.ts"

/** Bounds that a case wants its listener and connectors to have, in bytes; small ones make cases fast. */
export interface KitLimits {
  readonly maxFrameBytes: number
  readonly highWaterMark: number
  readonly maxPendingBytes: number
}

/** A peer that writes bytes as a case wants them: whole frames, parts of frames, nonsense. */
export interface RawPeer {
  /** The bytes of one whole frame, as a client puts them on the wire. */
  readonly frame: (payload: Uint8Array) => Uint8Array
  /** Writes `bytes` as one chunk; the next write is not joined with it where that can be had. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void>
  /** Payloads of the frames that have come, in order. */
  readonly frames: () => ReadonlyArray<Uint8Array>
  /** Stops and goes on reading: what comes stays with the kernel meanwhile. */
  readonly pause: () => void
  readonly resume: () => void
  /** FIN: this side has nothing more to say, and goes on reading. */
  readonly end: Effect.Effect<void>
  /** RST: gone without a word. */
  readonly reset: Effect.Effect<void>
  /** True once the other side has ended or reset the stream. */
  readonly isEnded: () => boolean
  /** The close code that came, where the wire has one. */
  readonly closeCode: () => CloseCode | undefined
}

/** Bytes that no peer may send, and the code they close the connection with. */
export interface BrokenBytes {
  readonly name: string
  readonly bytes: (limits: KitLimits) => Uint8Array
  readonly code: CloseCode
}

/** One listener and the ways to reach it, as fresh as the scope it is made in. */
export interface TransportFixture {
  readonly listener: Listener
  /** A connector to where `listen` said that it listens. */
  readonly connector: (addresses: ReadonlyArray<string>) => Connector
  /** A byte-level peer that has connected (and shaken hands, where the transport does). */
  readonly raw?: (addresses: ReadonlyArray<string>) => Effect.Effect<RawPeer, TransportError, Scope.Scope>
}

/**
 * Properties that a case may need. `raw`: bytes can be written past the transport. `flowControl`: a client that pauses
 * holds the server up, which the platform's WebSocket cannot.
 */
export type KitTrait = "raw" | "text" | "closeCodes" | "lengthPrefix" | "flowControl"

export interface TransportHarness {
  /** For test names, for example `tcp (u32-be)`. */
  readonly name: string
  /** What holds here; a case that needs another one is reported as not applicable, by name. */
  readonly traits: ReadonlyArray<KitTrait>
  readonly make: (limits: KitLimits) => Effect.Effect<TransportFixture, TransportError, Scope.Scope>
  /** Only of transports with `lengthPrefix`: the beginning of a frame that announces `length` payload bytes. */
  readonly announce?: (length: number) => Uint8Array
  readonly broken?: ReadonlyArray<BrokenBytes>
  /** `length` bytes that the transport can carry; any bytes unless given. */
  readonly payload?: (length: number, seed: number) => Uint8Array
}

export interface TransportCase {
  /** The behaviour, as a sentence about the transport. */
  readonly name: string
  readonly needs?: ReadonlyArray<KitTrait>
  readonly run: (harness: TransportHarness) => Effect.Effect<void, TransportError, Scope.Scope>
}

/** What a case needs and the harness does not have. */
export const missing = (testCase: TransportCase, harness: TransportHarness): ReadonlyArray<KitTrait> =>
  (testCase.needs ?? []).filter((trait) => !harness.traits.includes(trait))
