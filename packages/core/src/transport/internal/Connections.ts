import * as Effect from "effect/Effect"
import type { GatewayConnection } from "./GatewayConnection.ts"

/** All connections of a gateway that are not closed, by id. */
export class Connections {
  private readonly byId = new Map<string, GatewayConnection>()
  private readonly waiting = new Set<() => void>()

  get size(): number {
    return this.byId.size
  }
  get(id: string): GatewayConnection | undefined {
    return this.byId.get(id)
  }
  values(): MapIterator<GatewayConnection> {
    return this.byId.values()
  }

  add(connection: GatewayConnection): void {
    this.byId.set(connection.connection.id, connection)
  }
  remove(connection: GatewayConnection): void {
    this.byId.delete(connection.connection.id)
    if (this.byId.size > 0) return
    for (const resume of this.waiting) resume()
    this.waiting.clear()
  }

  /** Names of the messages whose handlers run, each once. */
  *underWay(): Generator<string> {
    const seen = new Set<string>()
    for (const connection of this.byId.values()) {
      for (const name of connection.underWay()) {
        if (seen.has(name)) continue
        seen.add(name)
        yield name
      }
    }
  }

  /** Closes all, and waits until they are. */
  closeAll(code: number, reason: string): Effect.Effect<void> {
    return Effect.callback((resume) => {
      if (this.byId.size === 0) return resume(Effect.void)
      this.waiting.add(() => resume(Effect.void))
      for (const connection of [...this.byId.values()]) connection.close(code, reason)
    })
  }
}
