import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Envelope, FaultCode } from "../Wire.ts"
import type { Deadlines } from "./deadlines.ts"
import { Backlog, Job, type JobOwner } from "./Job.ts"
import type { SlowWork } from "./SlowWork.ts"
import type { Route } from "./table.ts"

/** What a connection does with a message when its turn has come. */
export interface Work {
  /** Begins to handle it; `undefined` where it has been answered already. */
  readonly begin: (route: Route, envelope: Envelope) => Effect.Effect<unknown, unknown> | undefined
  /** Runs the handler's effect. */
  readonly run: (route: Route, effect: Effect.Effect<unknown, unknown>) => Fiber.Fiber<unknown, unknown>
  readonly settle: (
    route: Route,
    envelope: Envelope,
    exit: Exit.Exit<unknown, unknown>,
    reason: FaultCode | undefined
  ) => void
  /** A handler has ended after its connection. */
  readonly outlived: (route: Route, exit: Exit.Exit<unknown, unknown>) => void
  /** Answers for a message that was given up before it began. */
  readonly gaveUp: (route: Route, id: number, reason: FaultCode) => void
  /** The same message, able to outlive its frame. */
  readonly keep: (envelope: Envelope) => Envelope
  /** The backlog is full, or no longer: reading pauses in between. */
  readonly hold: () => void
  readonly release: () => void
}

/** See `Gateway.Options`. */
export interface LaneLimits {
  readonly maxBacklog: number
  readonly maxInFlight: number
}

/** What all connections of a gateway share. */
export interface LanesOwner {
  readonly limits: LaneLimits
  readonly deadlines: Deadlines
  readonly slow: SlowWork
}

/**
 * The order of arrival on one connection. Messages without `concurrency` form one sequence; each concurrent message has
 * a lane of its own. What cannot start yet waits, up to a bound. A handler that finishes at once costs no fiber.
 */
export class Lanes implements JobOwner {
  private readonly work: Work
  private readonly limits: LaneLimits
  private readonly deadlines: Deadlines
  private readonly slow: SlowWork
  /** what waits or runs, by id; and what has none */
  private readonly jobs = new Map<number, Job>()
  private readonly unnumbered = new Set<Job>()
  /** what waits for its turn in the order of arrival */
  private readonly sequence = new Backlog()
  /** what waits for others of its own kind: a lane for each concurrent message that was ever at its bound */
  private readonly lanes = new Map<Route, Backlog>()
  private readonly running = new Map<Route, number>()
  /** messages in all lanes */
  private waiting = 0
  /** a message of the sequence is running */
  private busy = false
  /** messages with a fiber */
  private active = 0
  private closed = false
  /** Answers find their questions by their order: everything is one sequence, and streams hold up what follows. */
  ordered = false

  constructor(work: Work, { deadlines, limits, slow }: LanesOwner) {
    this.work = work
    this.limits = limits
    this.deadlines = deadlines
    this.slow = slow
  }

  /** Nothing runs or waits. */
  get isIdle(): boolean {
    return this.jobs.size === 0 && this.unnumbered.size === 0
  }

  /** Nothing runs or waits but streamed answers, which may never end. */
  get isDone(): boolean {
    for (const job of this.jobs.values()) if (!job.route.streams) return false
    return this.unnumbered.size === 0
  }

  /** Names of the messages whose handlers run, some more than once; streamed answers are not among them. */
  *underWay(): Generator<string> {
    for (const job of this.jobs.values()) if (job.isRunning) yield job.route.message.name
    for (const job of this.unnumbered) if (job.isRunning) yield job.route.message.name
  }

  /** Gives up what runs and what waits. */
  giveUpAll(reason: FaultCode): void {
    for (const job of [...this.jobs.values()]) this.giveUp(job, reason)
  }

  /** Whether an id still waits for its answer. */
  has(id: number): boolean {
    return this.jobs.size > 0 && this.jobs.has(id)
  }

  /** Starts a message, or lets it wait for its turn. */
  accept(route: Route, envelope: Envelope, deadlineMillis: number): void {
    const lane = this.laneOf(route)
    if ((lane === undefined || lane.size === 0) && this.isFree(route)) {
      return this.start(route, envelope, deadlineMillis, undefined)
    }
    const job = new Job(this, route, this.work.keep(envelope))
    this.track(job, deadlineMillis)
    if (lane !== undefined) lane.push(job)
    else {
      const made = new Backlog()
      made.push(job)
      this.lanes.set(route, made)
    }
    if (++this.waiting === this.limits.maxBacklog) this.work.hold()
  }

  cancel(id: number): void {
    const job = this.jobs.get(id)
    if (job !== undefined) this.giveUp(job, "CANCELLED")
  }

  giveUp(job: Job, reason: FaultCode): void {
    if (job.done) return
    job.reason = reason
    if (job.fiber !== undefined) return job.fiber.interruptUnsafe()
    // its answer, too, has its turn
    if (this.ordered) return
    this.forget(job)
    this.work.gaveUp(job.route, job.id, reason)
  }

  /** Interrupts what runs, but for what is detached, and forgets what waits. */
  close(): void {
    this.closed = true
    this.sequence.clear()
    this.lanes.clear()
    this.waiting = 0
    for (const job of [...this.jobs.values(), ...this.unnumbered]) {
      this.forget(job)
      if (!job.route.detached) job.fiber?.interruptUnsafe()
    }
  }

  private laneOf(route: Route): Backlog | undefined {
    return route.concurrency === 0 || this.ordered ? this.sequence : this.lanes.get(route)
  }

  private isFree(route: Route): boolean {
    if (this.active >= this.limits.maxInFlight) return false
    if (route.concurrency > 0 && !this.ordered) return (this.running.get(route) ?? 0) < route.concurrency
    return !this.busy
  }

  private track(job: Job, deadlineMillis: number): void {
    if (job.id === 0) this.unnumbered.add(job)
    else this.jobs.set(job.id, job)
    job.tick = this.deadlines.add(deadlineMillis, job)
  }

  private forget(job: Job): void {
    job.done = true
    if (job.id === 0) this.unnumbered.delete(job)
    else this.jobs.delete(job.id)
    this.deadlines.remove(job.tick, job)
  }

  private start(route: Route, envelope: Envelope, deadlineMillis: number, waited: Job | undefined): void {
    this.slow.begin(route)
    this.handle(route, envelope, deadlineMillis, waited)
    this.slow.end(route)
  }

  private handle(route: Route, envelope: Envelope, deadlineMillis: number, waited: Job | undefined): void {
    const answer = this.work.begin(route, envelope)
    let exit: Exit.Exit<unknown, unknown> | undefined
    if (answer !== undefined) {
      if (!Exit.isExit(answer)) {
        const fiber = this.work.run(route, answer as Effect.Effect<unknown, unknown>)
        exit = fiber.pollUnsafe()
        if (exit === undefined) return this.follow(fiber, route, envelope, deadlineMillis, waited)
      } else exit = answer
    }
    if (waited !== undefined) this.forget(waited)
    if (exit !== undefined) this.work.settle(route, envelope, exit, undefined)
  }

  /** Keeps account of a handler that is under way. */
  private follow(
    fiber: NonNullable<Job["fiber"]>,
    route: Route,
    envelope: Envelope,
    deadlineMillis: number,
    waited: Job | undefined
  ): void {
    const job = waited ?? new Job(this, route, envelope)
    if (waited === undefined) this.track(job, deadlineMillis)
    job.fiber = fiber
    const began = this.slow.now()
    // a stream may last as long as the connection: it never holds up what comes after it
    const inSequence = (route.concurrency === 0 && !route.streams) || this.ordered
    if (inSequence) this.busy = true
    else this.running.set(route, (this.running.get(route) ?? 0) + 1)
    this.active++
    fiber.addObserver((exit) => {
      this.slow.handled(route, began)
      const wasFull = this.active-- === this.limits.maxInFlight
      if (inSequence) this.busy = false
      else this.running.set(route, (this.running.get(route) as number) - 1)
      if (!job.done) {
        this.forget(job)
        this.work.settle(route, envelope, exit, job.reason)
      } else this.work.outlived(route, exit)
      if (this.waiting > 0) this.advance(route, wasFull)
    })
  }

  /** A message of `route` has ended: starts what waited for that. */
  private advance(route: Route, wasFull: boolean): void {
    let freed = false
    if (!wasFull) {
      const lane = this.laneOf(route)
      if (lane !== undefined) freed = this.advanceLane(lane)
    } else {
      freed = this.advanceLane(this.sequence)
      for (const lane of this.lanes.values()) freed = this.advanceLane(lane) || freed
    }
    // last: frames that were held back come before this returns, and must find started what came before them
    if (freed) this.work.release()
  }

  /** Starts what is first in a lane, as far as its turn has come; says whether the backlog was full and is no longer. */
  private advanceLane(lane: Backlog): boolean {
    let freed = false
    for (let job = lane.first; job !== undefined; job = lane.first) {
      if (!job.done && !this.isFree(job.route)) break
      lane.shift()
      if (this.waiting-- === this.limits.maxBacklog) freed = true
      if (job.reason !== undefined && !job.done) {
        this.forget(job)
        this.work.gaveUp(job.route, job.id, job.reason)
      } else if (!job.done) this.start(job.route, job.envelope, 0, job)
      if (this.closed) return false
    }
    return freed
  }
}
