/**
 * The steps by which an app stops without losing what runs: announce it, stop accepting, tell clients, finish.
 *
 * A reference, so that no layer has to require it. A composition gives each app a registry of its own, and `App.run` runs
 * it on SIGINT and SIGTERM, before the scope closes. Outside of a composition steps are accepted and forgotten.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"

/**
 * `announce` steps run first: they give whoever sends work here the time to see that this app is about to stop. `refuse`
 * steps come next: they stop accepting new work and return at once. `finish` steps run when all of those are done: they
 * tell clients and return when what runs has ended. Steps of one phase run at the same time.
 */
export type Phase = "announce" | "refuse" | "finish"

/** A step that broke; a step has no typed error, so this is a bug in it. */
export interface Broken {
  readonly step: string
  readonly cause: Cause.Cause<never>
}

interface Step {
  readonly name: string
  readonly phase: Phase
  readonly effect: Effect.Effect<void>
}

export interface Registry {
  readonly add: (name: string, effect: Effect.Effect<void>, phase: Phase) => () => void
  /** Runs every step; gives those that broke. Running it again gives nothing to do twice. */
  readonly run: Effect.Effect<ReadonlyArray<Broken>>
  readonly draining: () => boolean
  /** Names of the steps that have not ended. */
  readonly pending: () => ReadonlyArray<string>
}

/** An empty registry. A step added once draining has begun is not run: closing the scope ends what it stands for. */
export const makeUnsafe = (): Registry => {
  const steps = new Set<Step>()
  let draining = false
  const runStep = (step: Step) =>
    Effect.map(Effect.exit(step.effect), (exit): ReadonlyArray<Broken> => {
      steps.delete(step)
      return Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)
        ? [{ step: step.name, cause: exit.cause }]
        : []
    })
  const runPhase = (phase: Phase) =>
    Effect.suspend(() =>
      Effect.forEach(
        [...steps].filter((step) => step.phase === phase),
        runStep,
        { concurrency: "unbounded" }
      )
    )
  return {
    add: (name, effect, phase) => {
      if (draining) return () => {}
      const step = { name, effect, phase }
      steps.add(step)
      return () => void steps.delete(step)
    },
    run: Effect.suspend(() => {
      if (draining) return Effect.succeed([])
      draining = true
      const phases = Effect.forEach(["announce", "refuse", "finish"] as const, runPhase)
      return Effect.map(phases, (broken) => broken.flat(2))
    }),
    draining: () => draining,
    pending: () => Array.from(steps, (step) => step.name)
  }
}

const forgetful: Registry = {
  add: () => () => {},
  run: Effect.succeed([]),
  draining: () => false,
  pending: () => []
}

/** The registry of the app that is being built. */
export const Drain: Context.Reference<Registry> = Context.Reference("@mortise/core/app/Drain", {
  defaultValue: () => forgetful
})

/**
 * Registers a step until the scope closes. It is interrupted when the deadline of the drain passes (10 s unless the app
 * says otherwise).
 */
export const add = <R>(
  name: string,
  effect: Effect.Effect<void, never, R>,
  options: { readonly phase?: Phase } = {}
): Effect.Effect<void, never, R | Scope.Scope> =>
  Effect.contextWith((context: Context.Context<R>) =>
    Effect.flatMap(Drain, (registry) =>
      Effect.acquireRelease(
        Effect.sync(() => registry.add(name, Effect.provideContext(effect, context), options.phase ?? "finish")),
        (remove) => Effect.sync(remove)
      )
    )
  )

/** Whether the app has begun to stop; a readiness check answers no from then on. */
export const isDraining: Effect.Effect<boolean> = Effect.map(Drain, (registry) => registry.draining())
