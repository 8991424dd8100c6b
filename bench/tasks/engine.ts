/** The engine as apps use it, on whatever store. */
import * as Task from "@mortise/core/tasks/Task"
import type { TaskStore } from "@mortise/core/tasks/TaskStore"
import * as Tasks from "@mortise/core/tasks/Tasks"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { payloadOf, type Subject, sizes } from "./Subject.ts"

const payload = { n: Schema.Int, to: Schema.String, text: Schema.String }
const Work = Task.make("work", { payload, success: Schema.Int })
const Other = Task.make("other", { payload, success: Schema.Int })

/** `clear` empties the store; `store` opens it. */
export const subjectOf = <E>(store: Layer.Layer<TaskStore, E>, clear: Effect.Effect<void>): Subject => {
  const started = new Map<number, number>()
  let done = 0
  let finished = (): void => {}
  let goal = 0
  const handler = Task.handler(Work, ({ n }) =>
    Effect.sync(() => {
      if (started.size > 0) started.set(n, performance.now())
      if (++done === goal) finished()
      return n * 2
    })
  )
  const inEngine = <A, F>(
    concurrency: number,
    run: (tasks: Tasks.Tasks["Service"]) => Effect.Effect<A, F, Scope.Scope>
  ): Promise<A> =>
    Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          yield* clear
          const tasks = yield* Tasks.Tasks
          done = 0
          return yield* run(tasks)
        })
      ).pipe(Effect.provide(Tasks.layer({ concurrency }).pipe(Layer.provide(store)))) as Effect.Effect<A>
    )
  const all = (tasks: Tasks.Tasks["Service"], count: number) =>
    Effect.gen(function* () {
      goal = count
      yield* Effect.callback<void>((resume) => {
        finished = () => resume(Effect.void)
        if (done >= goal) finished()
      })
      // what has run is not settled yet: the clock stops when the store knows it
      yield* tasks.drain("1 minute")
    })
  const payloads = (count: number) => Array.from({ length: count }, (_, n) => payloadOf(n))
  const enqueue = (tasks: Tasks.Tasks["Service"], task: typeof Work | typeof Other, count: number) =>
    Effect.gen(function* () {
      const list = payloads(count)
      for (let from = 0; from < count; from += sizes.batch) {
        yield* tasks.enqueueAll(task as typeof Work, list.slice(from, from + sizes.batch))
      }
    })
  return {
    batched: (count) =>
      inEngine(sizes.claim, (tasks) =>
        Effect.gen(function* () {
          const began = performance.now()
          yield* enqueue(tasks, Work, count)
          yield* Effect.scoped(Effect.andThen(tasks.work(handler), all(tasks, count)))
          return performance.now() - began
        })
      ),
    single: (count) =>
      inEngine(1, (tasks) =>
        Effect.gen(function* () {
          const list = payloads(count)
          const began = performance.now()
          for (const one of list) yield* tasks.enqueue(Work, one)
          yield* Effect.scoped(Effect.andThen(tasks.work(handler), all(tasks, count)))
          return performance.now() - began
        })
      ),
    backlog: (count, waiting) =>
      inEngine(sizes.claim, (tasks) =>
        Effect.gen(function* () {
          yield* enqueue(tasks, Other, waiting)
          yield* enqueue(tasks, Work, count)
          const began = performance.now()
          yield* Effect.scoped(Effect.andThen(tasks.work(handler), all(tasks, count)))
          return performance.now() - began
        })
      ),
    pickup: (count) =>
      inEngine(10, (tasks) =>
        Effect.gen(function* () {
          goal = -1
          started.clear()
          started.set(-1, 0)
          yield* tasks.work(handler)
          const millis: Array<number> = []
          for (let n = 0; n < count; n++) {
            yield* Effect.sleep(3)
            const began = performance.now()
            const ref = yield* tasks.enqueue(Work, payloadOf(n))
            yield* tasks.wait(ref)
            millis.push((started.get(n) as number) - began)
          }
          started.clear()
          return millis.toSorted((a, b) => a - b)[count >> 1] as number
        })
      )
  }
}
