import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Drain from "../../app/Drain.ts"
import type { Any, Handler } from "../Task.ts"
import { parse, type TaskCron } from "../TaskCron.ts"
import { CronInvalid, TaskHandlerConflict, type TaskInvalid, type TaskStoreError } from "../TaskError.ts"
import { type NewTask, TaskStore } from "../TaskStore.ts"
import type { EnqueuedRef, EnqueueOptions, Tasks, TasksOptions } from "../Tasks.ts"
import { cronLoop } from "./cronLoop.ts"
import { EngineClock } from "./EngineClock.ts"
import { newTask } from "./newTask.ts"
import { reading } from "./reading.ts"
import { Sweeper } from "./Sweeper.ts"
import { taskIds } from "./taskIds.ts"
import { Waiting } from "./Waiting.ts"
import { Worker } from "./Worker.ts"

const millis = (input: Duration.Input | undefined, otherwise: Duration.Input): number =>
  Duration.toMillis(Duration.fromInputUnsafe(input ?? otherwise))

/** The engine over whatever store is there: what `Tasks` promises. */
export const makeEngine = (options: TasksOptions): Effect.Effect<Tasks["Service"], never, TaskStore | Scope.Scope> =>
  Effect.gen(function* () {
    const store = yield* TaskStore
    const scope = yield* Scope.Scope
    const clock = new EngineClock(yield* Clock.Clock)
    const random = yield* Random.Random
    const waiting = new Waiting()
    const leaseMillis = millis(options.lease, "30 seconds")
    const pollMillis = millis(options.poll, 500)
    const retentionMillis = millis(options.retention, "1 day")
    const maxLength = options.maxPayloadLength ?? 1024 * 1024
    const concurrency = options.concurrency ?? 10
    const changed = (id: string): void => waiting.changed(id)
    const maker = { clock, id: taskIds(random), maxLength }
    const worker = new Worker(store, clock, {
      concurrency,
      leaseMillis,
      retentionMillis,
      maxLength,
      random: () => random.nextDoubleUnsafe(),
      changed
    })
    const sweeper = new Sweeper(store, clock, { pollMillis, leaseMillis, wake: () => worker.wake() })

    const enqueueRows = (rows: ReadonlyArray<NewTask>) =>
      Effect.tap(store.enqueue(rows), (enqueued) => {
        const created = rows.filter(({ name }, i) => enqueued[i]?.created === true && worker.handles(name))
        if (created.length === 0) return Effect.void
        const wake = Effect.sync(() => {
          for (const { dueAt } of created) {
            if (dueAt === null) worker.wake()
            else sweeper.expect(dueAt)
          }
        })
        return store.whenVisible(wake)
      })

    const enqueueAll = (
      task: Any,
      payloads: ReadonlyArray<unknown>,
      how: EnqueueOptions,
      cronKey?: string
    ): Effect.Effect<ReadonlyArray<EnqueuedRef<never, never>>, TaskInvalid | TaskStoreError> =>
      Effect.suspend((): Effect.Effect<ReadonlyArray<EnqueuedRef<never, never>>, TaskInvalid | TaskStoreError> => {
        const rows: Array<NewTask> = []
        for (const payload of payloads) {
          const row = newTask(maker, task, payload, how, cronKey)
          if (Result.isFailure(row)) return Effect.fail(row.failure)
          rows.push(row.success)
        }
        if (rows.length === 0) return Effect.succeed([])
        return Effect.map(enqueueRows(rows), (enqueued) =>
          enqueued.map(({ created, id }): EnqueuedRef<never, never> => ({ id, created, task: task as never }))
        )
      })

    const first = <A>(refs: ReadonlyArray<A>): A => refs[0] as A

    let started = false
    const start = Effect.suspend(() => {
      if (started || concurrency === 0) return Effect.void
      started = true
      return Effect.gen(function* () {
        for (const loop of [worker.pump, worker.guard, worker.heartbeat, sweeper.run]) yield* Effect.forkIn(loop, scope)
        // behind the loops, so that it runs before they are interrupted
        yield* Scope.addFinalizer(scope, worker.drain(0))
        const steps = Effect.all([
          Drain.add(
            "tasks are not begun any more",
            Effect.sync(() => worker.stop()),
            { phase: "refuse" }
          ),
          Drain.add("tasks end", worker.drain(millis(options.drain, "8 seconds")))
        ])
        yield* Effect.provideService(steps, Scope.Scope, scope)
      })
    })

    const add = (handler: Handler<unknown>, context: Context.Context<never>) =>
      Effect.acquireRelease(
        Effect.suspend(() => {
          const { name } = handler.task
          if (worker.handles(name)) {
            const message = `Task ${name} has two handlers: take one of them away, or give one task another name`
            return Effect.fail(new TaskHandlerConflict({ task: name, message }))
          }
          worker.add({ handler, context })
          return Effect.succeed(name)
        }),
        (name) => Effect.sync(() => worker.remove(name))
      )

    const schedules = new Set<string>()
    const addCron = (schedule: TaskCron) =>
      Effect.gen(function* () {
        const { expression, id, task, timeZone } = schedule
        const cron = yield* Effect.fromResult(parse(schedule))
        const name = `${task.name} ${id}`
        if (schedules.has(name)) {
          const message = `Task ${task.name} has two schedules "${id}": give each an id of its own`
          return yield* new CronInvalid({ task: task.name, expression, timeZone, message })
        }
        yield* Effect.acquireRelease(
          Effect.sync(() => schedules.add(name)),
          () => Effect.sync(() => schedules.delete(name))
        )
        const enqueue = (payload: unknown, key: string): Effect.Effect<boolean> =>
          Effect.matchCauseEffect(enqueueAll(task, [payload], {}, key), {
            onSuccess: () => Effect.succeed(true),
            onFailure: (cause) =>
              Effect.as(
                Effect.logError(`task ${task.name} could not be enqueued by its schedule "${id}"`, cause),
                false
              )
          })
        yield* Effect.forkScoped(cronLoop(schedule, cron, clock, clock.now(), enqueue))
      })

    const service: Omit<Tasks["Service"], keyof ReturnType<typeof reading>> = {
      enqueue: (task, ...[payload, how = {}]) => Effect.map(enqueueAll(task as Any, [payload], how), first) as never,
      enqueueAll: (task, payloads, how = {}) => enqueueAll(task as Any, payloads, how) as never,
      work: (...handlers) =>
        Effect.gen(function* () {
          const context = yield* Effect.context<never>()
          for (const handler of handlers) yield* add(handler, context)
          yield* start
        }) as never,
      cron: (...all) => Effect.forEach(all, addCron, { discard: true }),
      drain: (deadline) => Effect.map(worker.drain(millis(deadline, 0)), (handedBack) => ({ handedBack }))
    }
    const moved = (ids: ReadonlyArray<string>): Effect.Effect<void> =>
      store.whenVisible(
        Effect.sync(() => {
          for (const id of ids) {
            worker.cancelled(id)
            changed(id)
          }
          worker.wake()
        })
      )
    return { ...service, ...reading({ store, clock, waiting, pollMillis, retentionMillis, moved }) }
  })
