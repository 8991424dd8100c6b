/**
 * Work that is done later, by whoever has the time: declared once, enqueued from anywhere, handled by a worker.
 *
 * @example
 * const SendMail = Task.make("mail.send", {
 *   payload: { to: Schema.String, text: Schema.String },
 *   error: MailRefused,
 *   retry: { tries: 5, delay: "2 seconds" },
 *   timeout: "30 seconds",
 *   idempotencyKey: ({ to, text }) => `${to} ${text}`
 * })
 */
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Retry from "./Retry.ts"

type Codec = Schema.ConstraintCodec<unknown, unknown>
type Fields = { readonly [key: string]: Codec }
/** A schema, or the fields of a record. */
export type Shape = Codec | Fields

/** The type that a payload has in code. */
export type PayloadOf<S> = S extends Codec
  ? S["Type"]
  : S extends Fields
    ? { readonly [K in keyof Schema.Struct<S>["Type"]]: Schema.Struct<S>["Type"][K] }
    : never

/** What is declared of a task. Schemas must decode without services, and without waiting. */
export interface Definition<Payload extends Shape, Success extends Codec, Failure extends Codec> {
  readonly payload?: Payload
  readonly success?: Success
  /** What a handler may fail with. A failed run is tried again, see `retry`. */
  readonly error?: Failure
  readonly retry?: Retry.RetryPolicy
  /** How long one run may take; then it is interrupted and counts as failed. Default 10 minutes. */
  readonly timeout?: Duration.Input
  /** Higher runs first; a whole number, default 0. Can be set for each enqueued task as well. */
  readonly priority?: number
  /** How many of this task one worker runs at a time; as many as the worker has room for unless given. */
  readonly concurrency?: number
  /** While the store has a task with the same key, enqueueing gives that one instead of another. */
  readonly idempotencyKey?: (payload: NoInfer<PayloadOf<Payload>>) => string
  /** Errors after which another try is of no use: the task goes to the dead letters at once. */
  readonly permanent?: (error: NoInfer<Failure["Type"]>) => boolean
}

/** A declared task: `P` goes in, `A` or `E` comes out. */
export interface Task<out Name extends string, in P, out A, out E> {
  readonly name: Name
  readonly payload: Codec
  readonly success: Codec
  readonly error: Codec
  readonly retry: Retry.Retry
  readonly timeoutMillis: number
  readonly priority: number
  readonly concurrency: number | undefined
  readonly idempotencyKey: ((payload: P) => string) | undefined
  readonly permanent: (error: unknown) => boolean
  readonly "~types"?: { readonly payload: (payload: P) => void; readonly success: A; readonly error: E }
}
export type Any = Task<string, never, unknown, unknown>

const whole = (task: string, what: string, value: number, least: number): number => {
  if (Number.isSafeInteger(value) && value >= least && value <= MAX_PRIORITY) return value
  throw new TypeError(`Task ${task}: ${what} is ${value}; it must be a whole number from ${least} to ${MAX_PRIORITY}`)
}

/** Priorities are whole numbers between this and its negative: they fit a 32-bit column. */
export const MAX_PRIORITY = 1_000_000_000

const NAME = /^[A-Za-z0-9][\w.-]{0,127}$/

/**
 * Declares a task. Its name stands in the store, so it must not change while tasks are waiting. Throws a `TypeError` where
 * the definition cannot be meant.
 */
export const make = <
  const Name extends string,
  Payload extends Shape = Schema.Void,
  Success extends Codec = Schema.Void,
  Failure extends Codec = Schema.Never
>(
  name: Name,
  definition: Definition<Payload, Success, Failure> = {}
): Task<Name, PayloadOf<Payload>, Success["Type"], Failure["Type"]> => {
  if (!NAME.test(name)) {
    throw new TypeError(
      `${JSON.stringify(name)} is no name for a task; use up to 128 letters, digits, ".", "-" and "_"`
    )
  }
  const shape: Shape = definition.payload ?? Schema.Void
  const timeoutMillis = Duration.toMillis(Duration.fromInputUnsafe(definition.timeout ?? "10 minutes"))
  if (!(timeoutMillis > 0))
    throw new TypeError(`Task ${name}: timeout is ${timeoutMillis} ms; it must be longer than 0`)
  return {
    name,
    payload: Schema.isSchema(shape) ? (shape as Codec) : Schema.Struct(shape as Fields),
    success: definition.success ?? Schema.Void,
    error: definition.error ?? Schema.Never,
    retry: Retry.make(definition.retry),
    timeoutMillis,
    priority: whole(name, "priority", definition.priority ?? 0, -MAX_PRIORITY),
    concurrency:
      definition.concurrency === undefined ? undefined : whole(name, "concurrency", definition.concurrency, 1),
    idempotencyKey: definition.idempotencyKey as ((payload: PayloadOf<Payload>) => string) | undefined,
    // what it is asked about comes from the handler, whose error type is the task's
    permanent: (definition.permanent as ((error: unknown) => boolean) | undefined) ?? (() => false)
  }
}

/** What a handler knows of the run that it is. */
export interface Run {
  readonly id: string
  /** 1 for the first run. */
  readonly attempt: number
  /** Whether the task is dead when this run fails. */
  readonly last: boolean
  /**
   * Rises with each claim of this task. A system that remembers the highest it saw can refuse a worker that was taken for
   * dead and comes back.
   */
  readonly fence: number
  readonly enqueuedAt: number
  /** Makes any JSON value readable in the task's status. Returns at once; only the latest of a moment is stored. */
  readonly progress: (value: Schema.Json) => Effect.Effect<void>
}

/** A task with the function that does it, which needs `R`. */
export interface Handler<out R> {
  readonly task: Any
  // the types of payload, result and error are proven by `handler`
  readonly handle: (payload: never, run: Run) => Effect.Effect<unknown, unknown, unknown>
  readonly _R?: () => R
}

/** What a handler needs of others; a scope it gets for each run. */
export type NeedsOf<H> = H extends Handler<infer R> ? Exclude<R, Scope.Scope> : never

/** Says how a task is done. */
export const handler = <Name extends string, P, A, E, R>(
  task: Task<Name, P, A, E>,
  handle: (payload: P, run: Run) => Effect.Effect<NoInfer<A>, NoInfer<E>, R>
): Handler<R> => ({ task: task as Any, handle: handle as Handler<R>["handle"] })

/** One enqueued task, whose result is of type `A` or `E`. Can be made from an id that was kept elsewhere. */
export interface Ref<out A, out E> {
  readonly id: string
  readonly task: Task<string, never, A, E>
}

export const ref = <A, E>(task: Task<string, never, A, E>, id: string): Ref<A, E> => ({ id, task })
