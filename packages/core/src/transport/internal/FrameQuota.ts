import type { Outlet } from "./Outlet.ts"
import type { Owner } from "./Owner.ts"

/** Counts a connection's frames of one turn of the event loop: with too many of them, other connections have their turn. */
export class FrameQuota {
  private readonly owner: Owner
  private readonly outlet: Outlet
  private frames = 0
  private seenTurn = -1
  private scheduled = false

  constructor(owner: Owner, outlet: Outlet) {
    this.owner = owner
    this.outlet = outlet
  }

  take(): void {
    const turn = this.owner.turns.current()
    if (turn !== this.seenTurn) {
      this.seenTurn = turn
      this.frames = 0
    }
    if (++this.frames >= this.owner.limits.framesPerTurn) this.yieldTurn()
  }

  /** The transport holds back the rest of the chunk. */
  private yieldTurn(): void {
    if (this.scheduled) return
    this.scheduled = true
    this.outlet.hold()
    this.owner.turn.schedule(() => {
      this.scheduled = false
      this.frames = 0
      this.outlet.release()
    })
  }
}
