import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { Drain } from "../Drain.ts"
import { Listening } from "../Listening.ts"
import * as Log from "../Log.ts"
import * as banner from "./banner.ts"
import { crashed } from "./log/logger.ts"
import { watchLoop } from "./loopWatch.ts"
import { block } from "./report.ts"
import type { Started } from "./start.ts"

export interface Life {
  readonly name: string
  readonly start: Effect.Effect<Started, unknown, Scope.Scope>
  readonly drainTimeout: Duration.Duration
  /** The exit code for what the start failed with. */
  readonly codeOf: (cause: Cause.Cause<unknown>) => number
  /** From how many milliseconds on it is told that the event loop was held up. */
  readonly heldUpMillis: number
  /** Where the app's lines go; hides its secrets. */
  readonly log: Log.Registry
}

type Signal = "SIGINT" | "SIGTERM"
const signalCodes = { SIGINT: 130, SIGTERM: 143 } as const

/** UTF-16 units of what one error says. */
const longestReport = 65_536

// Ctrl+C reaches the whole process group, and npm sends its child the signal once more: that is no second wish
const repeatMillis = 500

/** Runs an effect but waits no longer than the deadline, whether or not it can be interrupted. */
const byDeadline = <A>(
  effect: Effect.Effect<A>,
  deadline: Duration.Duration
): Effect.Effect<Exit.Exit<A> | undefined> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkDetach(effect)
    const late = Effect.as(Effect.sleep(deadline), undefined)
    const exit = yield* Effect.raceFirst(Fiber.await(fiber), late)
    if (exit === undefined) fiber.interruptUnsafe()
    return exit
  })

/** Starts, tells, waits for a signal, drains, closes, exits. Owns the process: its signals and its exit code. */
export const live = ({ codeOf, drainTimeout, heldUpMillis, log, name, start }: Life): void => {
  const scope = Scope.makeUnsafe()
  const tty = process.stdout.isTTY === true
  const say = (text: string) => void process.stdout.write(text)
  const complain = (text: string) => void process.stderr.write(text)
  const event = (kind: string, text: string, fields: object = {}) =>
    say(tty ? `  ${text}\n` : `${JSON.stringify({ event: kind, name, ...fields })}\n`)
  const inLog = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provideContext(effect, Log.contextOf(log))
  /** For people at once, and for whatever sinks there are beside the console. */
  const report = (title: string, cause: Cause.Cause<unknown>) => {
    complain(block(title, cause, (text) => log.secrets.clean(text, longestReport)))
    Effect.runSync(crashed(log, title, cause))
  }
  // the callback comes when what was written before has left the process
  const leave = (code: number) => void process.stdout.write("", () => process.exit(code))

  let state: "starting" | "running" | "stopping" = "starting"
  let code = 0
  let app: Context.Context<never> = Context.empty()
  let stoppingSince = Number.POSITIVE_INFINITY

  const late = (what: string, pending: ReadonlyArray<string>) => {
    code = Math.max(code, 1)
    const open = pending.length === 0 ? "" : ` Still open: ${pending.join(", ")}.`
    complain(`✗ ${name}: ${what} took longer than ${Duration.toMillis(drainTimeout)} ms and was cut off.${open}\n`)
  }

  const close = Effect.gen(function* () {
    const closed = yield* byDeadline(Scope.close(scope, Exit.void), drainTimeout)
    if (closed === undefined) late("closing", [])
    else if (Exit.isFailure(closed)) {
      code = Math.max(code, 1)
      report(`${name} did not close cleanly`, closed.cause)
    }
  })

  const drain = Effect.gen(function* () {
    const steps = Context.get(app, Drain)
    const drained = yield* byDeadline(steps.run, drainTimeout)
    if (drained === undefined) late("the drain", steps.pending())
    for (const { cause, step } of drained !== undefined && Exit.isSuccess(drained) ? drained.value : []) {
      code = Math.max(code, 1)
      report(`drain step "${step}" broke`, cause)
    }
  })

  // a timer keeps a process alive that waits for nothing but signals
  const keepAlive = Effect.runFork(Effect.forever(Effect.sleep("1 day")))

  const stop = () => {
    stoppingSince = performance.now()
    if (state === "starting") {
      state = "stopping"
      starting.interruptUnsafe()
      Effect.runFork(Effect.sleep(drainTimeout)).addObserver(() => {
        late("giving up the start", [])
        leave(code)
      })
      return
    }
    state = "stopping"
    keepAlive.interruptUnsafe()
    Effect.runFork(inLog(Effect.andThen(drain, close))).addObserver(() => {
      event("stopped", `${name} has stopped`, { code })
      leave(code)
    })
  }

  const onSignal = (signal: Signal) => {
    if (state === "stopping") {
      if (performance.now() - stoppingSince > repeatMillis) {
        complain(`✗ ${name}: stopped at once by a second ${signal}\n`)
        leave(signalCodes[signal])
      }
      return
    }
    if (state === "starting") code = signalCodes[signal]
    event("stopping", `${name} is stopping; once more ends it at once`, { signal })
    stop()
  }
  process.on("SIGINT", onSignal)
  process.on("SIGTERM", onSignal)

  process.on("uncaughtException", (error) => {
    report(`${name}: uncaught error`, Cause.die(error))
    code = Math.max(code, 1)
    if (state !== "stopping") stop()
  })

  // last: a start that does not wait runs to its banner right here, and from then on signals may come
  const starting = Effect.runFork(inLog(Scope.provide(start, scope)))
  starting.addObserver((exit) => {
    if (Exit.isSuccess(exit) && state === "starting") {
      state = "running"
      app = exit.value.context
      const listening = Context.get(app, Listening).entries()
      const { timings } = exit.value
      const ready = { name, listening, timings, totalMillis: performance.now(), debugging: log.debugging }
      say(tty ? banner.pretty(ready) : banner.json(ready))
      // not before: a start imports and compiles, which nobody waits for
      Effect.runFork(inLog(Effect.provideContext(Scope.provide(watchLoop(heldUpMillis), scope), app)))
      return
    }
    if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) {
      report(`${name} could not start`, exit.cause)
      code = codeOf(exit.cause)
    }
    state = "stopping"
    Effect.runFork(inLog(close)).addObserver(() => leave(code))
  })
}
