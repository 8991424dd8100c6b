import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"

/** What the kit's handlers do and how far they have come. */
export class World {
  /** what happened, in order: `start a`, `end a`, `interrupted a`, `note hi` … */
  readonly log: Array<string> = []
  private readonly gates = new Map<string, Latch.Latch>()
  private readonly pulls = new Map<string, number>()
  private running = 0
  /** the most handlers that were waiting at their gates at a time */
  mostRunning = 0

  note(line: string): void {
    this.log.push(line)
  }

  /** How many lines begin with `start`. */
  count(start: string): number {
    return this.log.reduce((n, line) => (line.startsWith(start) ? n + 1 : n), 0)
  }

  /** Waits for the gate `key`; every handler that has the key waits for the same one. */
  pass(key: string): Effect.Effect<string> {
    return Effect.suspend(() => {
      this.note(`start ${key}`)
      this.mostRunning = Math.max(this.mostRunning, ++this.running)
      return this.gate(key).await.pipe(
        Effect.onExit((exit) =>
          Effect.sync(() => {
            this.running--
            this.note(`${exit._tag === "Success" ? "end" : "interrupted"} ${key}`)
          })
        ),
        Effect.as(key)
      )
    })
  }

  /** Lets through whoever waits or will wait for `key`. */
  open(key: string): void {
    this.gate(key).openUnsafe()
  }

  pull(key: string): void {
    this.pulls.set(key, this.pulled(key) + 1)
  }
  /** How many elements of the stream `key` the gateway has taken. */
  pulled(key: string): number {
    return this.pulls.get(key) ?? 0
  }

  private gate(key: string): Latch.Latch {
    let gate = this.gates.get(key)
    if (gate === undefined) this.gates.set(key, (gate = Latch.makeUnsafe(false)))
    return gate
  }
}
