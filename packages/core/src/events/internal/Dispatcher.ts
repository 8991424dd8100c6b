import type { TurnShape } from "../../app/Turn.ts"

/** Somebody who has something to do, bit by bit. */
export interface Worker {
  /** Does at most so many pieces and gives how many there were; asks the dispatcher again when more are left. */
  readonly work: (most: number) => number
}

/** Pieces done before the event loop has its turn. */
const PER_TURN = 512
/** Pieces done for one worker before the next has its turn. */
const IN_A_ROW = 16

/** Gives turns to those who ask, one after another: a subscription that waits costs nothing, not even a fiber. */
export class Dispatcher {
  private readonly turn: TurnShape
  private asking: Array<Worker> = []
  private isScheduled = false

  constructor(turn: TurnShape) {
    this.turn = turn
  }

  /** Who has asked must not ask again before it was its turn. */
  add(worker: Worker): void {
    this.asking.push(worker)
    if (this.isScheduled) return
    this.isScheduled = true
    this.turn.schedule(this.run)
  }

  private readonly run = (): void => {
    const { asking } = this
    let left = PER_TURN
    let next = 0
    // those who come meanwhile are behind the others
    for (; next < asking.length && left > 0; next++) left -= (asking[next] as Worker).work(Math.min(left, IN_A_ROW))
    this.asking = asking.slice(next)
    this.isScheduled = this.asking.length > 0
    if (this.isScheduled) this.turn.schedule(this.run)
  }
}
