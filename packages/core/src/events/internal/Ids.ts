import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** Unique by its random beginning, cheap by its count. */
export class Ids {
  private readonly origin: string
  private count = 0
  constructor(origin: string) {
    this.origin = origin
  }
  next(): string {
    return `${this.origin}-${(++this.count).toString(36)}`
  }
}

export const make: Effect.Effect<Ids> = Effect.map(
  Effect.all([Random.nextInt, Random.nextInt]),
  ([a, b]) => new Ids(`${a.toString(36)}${b.toString(36)}`.replaceAll("-", ""))
)
