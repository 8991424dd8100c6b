import type { Connection } from "../../transport/Transport.ts"
import type { Valve } from "./inbox.ts"

/**
 * Reads, or does not: a reader that is behind stops the reading, unless an answer is waited for. That answer may be
 * behind what the reader has not taken, and the reader may be who waits for it.
 */
export class ReadingValve implements Valve {
  private readonly connection: Connection
  private held = 0
  private awaited = false
  private paused = false
  private closed = false

  constructor(connection: Connection) {
    this.connection = connection
  }

  hold(): void {
    this.held++
    this.balance()
  }
  release(): void {
    this.held--
    this.balance()
  }

  /** Whether anybody waits for a single answer. */
  await(awaited: boolean): void {
    this.awaited = awaited
    this.balance()
  }

  /** The connection is closed: there is nothing to pause. */
  close(): void {
    this.closed = true
  }

  private balance(): void {
    const pause = this.held > 0 && !this.awaited
    if (pause === this.paused || this.closed) return
    this.paused = pause
    if (pause) this.connection.pause()
    else this.connection.resume()
  }
}
