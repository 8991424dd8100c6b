import type { TurnShape } from "../../app/Turn.ts"

/** Told of the turns in which a `TurnCounter` was asked. */
export interface TurnWatch {
  readonly turnBegan: () => void
  readonly turnEnded: () => void
}

/** Numbers the turns of the event loop in which it is asked. One task a turn, whatever the number of connections. */
export class TurnCounter {
  private readonly turn: TurnShape
  private readonly watch: TurnWatch
  private turns = 0
  private scheduled = false
  private readonly next = (): void => {
    this.scheduled = false
    this.turns++
    this.watch.turnEnded()
  }

  constructor(turn: TurnShape, watch: TurnWatch) {
    this.turn = turn
    this.watch = watch
  }

  current(): number {
    if (!this.scheduled) {
      this.scheduled = true
      this.watch.turnBegan()
      this.turn.schedule(this.next)
    }
    return this.turns
  }
}
