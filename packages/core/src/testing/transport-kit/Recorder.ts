import assert from "node:assert/strict"
import type { CloseCode, Connection, ConnectionHandler, FrameKind } from "../../transport/Transport.ts"

export interface RecorderHooks {
  readonly onOpen?: (recorder: Recorder) => void
  /** Called after the frame is recorded. `bytes` is a copy. */
  readonly onFrame?: (recorder: Recorder, bytes: Uint8Array, kind: FrameKind) => void
  readonly onDrain?: (recorder: Recorder) => void
  readonly onClose?: (recorder: Recorder) => void
}

/** A handler that writes down what it is called with, and fails loudly when it is called against the contract. */
export class Recorder implements ConnectionHandler {
  connection!: Connection
  readonly frames: Array<Uint8Array> = []
  readonly kinds: Array<FrameKind> = []
  drains = 0
  closes: Array<readonly [CloseCode, string]> = []
  /** calls that the contract forbids, in words */
  readonly violations: Array<string> = []
  /** false for floods: then frames are only counted */
  keeps = true
  count = 0
  bytes = 0
  private readonly hooks: RecorderHooks
  private isPaused = false
  private depth = 0

  constructor(hooks: RecorderHooks = {}) {
    this.hooks = hooks
  }

  readonly open = (connection: Connection): ConnectionHandler => {
    this.connection = connection
    this.hooks.onOpen?.(this)
    return this
  }

  onFrame(bytes: Uint8Array, start: number, end: number, kind: FrameKind): void {
    if (this.isPaused) this.violations.push("onFrame after pause")
    if (this.closes.length > 0) this.violations.push("onFrame after onClose")
    if (this.depth > 0) this.violations.push("onFrame within onFrame")
    if (start < 0 || end < start || end > bytes.length)
      this.violations.push(`offsets ${start}–${end} of ${bytes.length}`)
    this.depth++
    try {
      // not slice: that of a Buffer is no copy
      const copy = new Uint8Array(bytes.subarray(start, end))
      this.count++
      this.bytes += copy.length
      if (this.keeps) {
        this.frames.push(copy)
        this.kinds.push(kind)
      }
      this.hooks.onFrame?.(this, copy, kind)
      if (this.keeps && !equal(copy, bytes, start)) this.violations.push("memory of a frame changed during the call")
    } finally {
      this.depth--
    }
  }

  onDrain(): void {
    if (this.closes.length > 0) this.violations.push("onDrain after onClose")
    this.drains++
    this.hooks.onDrain?.(this)
  }

  onClose(code: CloseCode, reason: string): void {
    if (this.closes.length > 0) this.violations.push("onClose twice")
    this.closes.push([code, reason])
    this.hooks.onClose?.(this)
  }

  get isClosed(): boolean {
    return this.closes.length > 0
  }

  /** The code given to `onClose`. */
  get code(): CloseCode | undefined {
    return this.closes[0]?.[0]
  }

  pause(): void {
    this.connection.pause()
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
    this.connection.resume()
  }

  /** Fails the test if the transport called against the contract. */
  check(): void {
    assert.deepEqual(this.violations, [])
  }
}

const equal = (frame: Uint8Array, bytes: Uint8Array, start: number): boolean => {
  for (let i = 0; i < frame.length; i++) if (frame[i] !== bytes[start + i]) return false
  return true
}
