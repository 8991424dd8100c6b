import type { TurnShape } from "../../app/Turn.ts"

/** Numbers the turns of the event loop in which it is asked. One task a turn, whatever the number of connections. */
export class TurnCounter {
  private readonly turn: TurnShape
  private turns = 0
  private scheduled = false
  private readonly next = (): void => {
    this.scheduled = false
    this.turns++
  }

  constructor(turn: TurnShape) {
    this.turn = turn
  }

  current(): number {
    if (!this.scheduled) {
      this.scheduled = true
      this.turn.schedule(this.next)
    }
    return this.turns
  }
}
