import type { Suspect } from "../../app/LoopDelay.ts"
import type { TurnWatch } from "./TurnCounter.ts"
import type { Route } from "./table.ts"

/** A handler that took long. */
export interface Slow {
  /** The whole name, `chat.say`. */
  readonly message: string
  readonly millis: number
  /** How many more were as slow since the last one that was told. */
  readonly more: number
}

/** Messages remembered of one turn, and turns remembered: who sends many kinds of them has them named in part. */
const MAX_REMEMBERED = 8
/** What took less has not held up the event loop for long enough to be worth a word. */
const SUSPICIOUS_MILLIS = 50
/** How long what has ended is remembered; longer than whoever watches the event loop waits between two looks. */
const REMEMBERED_MILLIS = 2000
/** Slow handlers of one message are told once in that time. */
const TOLD_EVERY_MILLIS = 1000
/** How long every message is timed after somebody has asked who held up the event loop. */
const TIMED_MILLIS = 60_000

interface Remembered {
  readonly messages: ReadonlyArray<string>
  readonly millis: number
  readonly at: number
}
interface Told {
  at: number
  more: number
}

/**
 * Knows which messages take long. As long as nothing holds up the event loop, a message costs the note of its name: time is
 * read once in a turn, and for handlers that do not end at once. After that it is read before and after every message, for a
 * minute, so that the next culprit is known for certain.
 */
export class SlowWork implements TurnWatch {
  readonly now: () => number
  private readonly warnFromMillis: number
  private readonly tell: (slow: Slow) => void
  private readonly told = new Map<string, Told>()
  /** of this turn */
  private readonly names: Array<string> = []
  private last: Route | undefined
  /** when the turn's first frame came; NaN between turns */
  private turnSince = Number.NaN
  private timedUntil = Number.NEGATIVE_INFINITY
  private timed = false
  private messageSince = 0
  private turns: ReadonlyArray<Remembered> = []
  private ended: ReadonlyArray<Remembered> = []
  private culprits: ReadonlyArray<Remembered> = []

  /** Warns of handlers that took `warnFromMillis` or longer. */
  constructor(now: () => number, warnFromMillis: number, tell: (slow: Slow) => void) {
    this.now = now
    this.warnFromMillis = warnFromMillis
    this.tell = tell
  }

  /** A message is about to be handled in this turn. */
  begin(route: Route): void {
    if (this.timed) this.messageSince = this.now()
    if (route === this.last) return
    this.last = route
    const { name } = route.message
    if (this.names.length < MAX_REMEMBERED && !this.names.includes(name)) this.names.push(name)
  }

  /** What can be done of it at once has been done. */
  end(route: Route): void {
    if (this.timed) this.culprits = remember(this.culprits, [route.message.name], this.messageSince, this.now())
  }

  /** A handler has ended that did not end at once. A stream lasts as long as somebody listens, and is no news. */
  handled(route: Route, began: number): void {
    if (route.streams) return
    const at = this.now()
    const { name } = route.message
    this.ended = remember(this.ended, [name], began, at)
    if (at - began >= this.warnFromMillis) this.warn(name, at - began, at)
  }

  turnBegan(): void {
    this.turnSince = this.now()
    this.timed = this.turnSince < this.timedUntil
  }

  turnEnded(): void {
    // what is timed needs no guesses
    if (!this.timed) this.turns = remember(this.turns, this.names, this.turnSince, this.now())
    this.turnSince = Number.NaN
    if (this.last === undefined) return
    this.last = undefined
    this.names.length = 0
  }

  /** Messages that may have held up the event loop for so long; `underWay` gives those whose handlers run. */
  suspects(millis: number, underWay: () => Iterable<string>): ReadonlyArray<Suspect> {
    const now = this.now()
    this.timedUntil = now + TIMED_MILLIS
    // who watches has a grain of its own
    const fits = (one: Remembered) => now - one.at < REMEMBERED_MILLIS && one.millis >= millis * 0.8
    const culprits = this.culprits.filter(fits)
    if (culprits.length > 0) return namesOf(culprits).map((what) => ({ what, certain: true }))
    // a turn may last until after whoever watches
    const turns = this.timed ? this.turns : remember(this.turns, this.names, this.turnSince, now)
    const names = new Set(namesOf([...turns, ...this.ended].filter(fits)))
    for (const name of underWay()) if (names.size < MAX_REMEMBERED) names.add(name)
    return Array.from(names, (what) => ({ what, certain: false }))
  }

  private warn(message: string, millis: number, at: number): void {
    const told = this.told.get(message)
    if (told !== undefined && at - told.at < TOLD_EVERY_MILLIS) {
      told.more++
      return
    }
    this.told.set(message, { at, more: 0 })
    this.tell({ message, millis, more: told?.more ?? 0 })
  }
}

const remember = (
  list: ReadonlyArray<Remembered>,
  messages: ReadonlyArray<string>,
  since: number,
  at: number
): ReadonlyArray<Remembered> =>
  at - since >= SUSPICIOUS_MILLIS && messages.length > 0
    ? [...list.slice(1 - MAX_REMEMBERED), { messages: [...messages], millis: at - since, at }]
    : list

const namesOf = (list: ReadonlyArray<Remembered>): ReadonlyArray<string> => [
  ...new Set(list.flatMap(({ messages }) => messages))
]
