import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { EngineClock } from "../../src/tasks/internal/EngineClock.ts"
import { taskIds } from "../../src/tasks/internal/taskIds.ts"
import * as MemoryTaskStore from "../../src/tasks/MemoryTaskStore.ts"
import * as Task from "../../src/tasks/Task.ts"
import * as TaskCron from "../../src/tasks/TaskCron.ts"
import type { TaskDead, TaskHandlerConflict } from "../../src/tasks/TaskError.ts"
import * as Tasks from "../../src/tasks/Tasks.ts"

class Mailer extends Context.Service<Mailer, { readonly send: (to: string) => Effect.Effect<number> }>()("Mailer") {}
class Refused extends Schema.TaggedError<Refused>()("Refused", { why: Schema.String }) {}

const Mail = Task.make("mail", { payload: { to: Schema.String }, success: Schema.Int, error: Refused })
const Bare = Task.make("bare")

/** Compiles only when both types are the same. */
const isType =
  <A>() =>
  <B>(_: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? B : never) => {}

describe("Task.make", () => {
  it("gives payload, result, error and needs to who enqueues and who handles", () => {
    const sends = Task.handler(Mail, ({ to }) => Mailer.use((mailer) => mailer.send(to)))
    const cleans = Task.handler(Bare, () => Effect.asVoid(Effect.addFinalizer(() => Effect.void)))
    const program = Effect.gen(function* () {
      const tasks = yield* Tasks.Tasks
      yield* tasks.work(sends, cleans)
      const ref = yield* tasks.enqueue(Mail, { to: "ada" })
      yield* tasks.enqueue(Bare)
      // @ts-expect-error: a payload is missing
      yield* tasks.enqueue(Mail)
      // @ts-expect-error: it has a field of another type
      yield* tasks.enqueue(Mail, { to: 5 })
      // @ts-expect-error: the result is a number
      Task.handler(Mail, () => Effect.succeed("sent"))
      // @ts-expect-error: it fails with what the task does not declare
      Task.handler(Bare, () => Effect.fail("no"))
      // @ts-expect-error: the schedule needs the payload
      TaskCron.make(Mail, { expression: "* * * * *" })
      TaskCron.make(Bare, { expression: "* * * * *" })
      return yield* tasks.wait(ref)
    })
    isType<number>()(undefined as never as Effect.Success<typeof program>)
    isType<Tasks.Tasks | Mailer | Scope.Scope>()(undefined as never as Effect.Services<typeof program>)
    type Failure = Effect.Error<typeof program>
    isType<Refused | TaskDead | TaskHandlerConflict>()(
      undefined as never as Extract<Failure, Refused | TaskDead | TaskHandlerConflict>
    )
    assert.isTrue(Effect.isEffect(program))
  })

  it("refuses names that a store, a key or a log could not tell apart", () => {
    for (const name of ["", " ", "a b", "a:b", "-a", "ä", "x".repeat(129), "a\n"]) {
      assert.throws(() => Task.make(name), TypeError, undefined, name)
    }
    assert.strictEqual(Task.make("mail.send-2_b").name, "mail.send-2_b")
  })

  it("refuses numbers that cannot be meant", () => {
    for (const wrong of [
      { concurrency: 0 },
      { concurrency: 1.5 },
      { priority: 0.1 },
      { priority: 2e9 },
      { timeout: 0 }
    ]) {
      assert.throws(() => Task.make("wrong", wrong), TypeError)
    }
  })
})

describe("a task's handler", () => {
  it.live("gets the services that were there when it was registered", () =>
    Effect.gen(function* () {
      const tasks = yield* Tasks.Tasks
      yield* tasks
        .work(Task.handler(Mail, ({ to }) => Mailer.use((mailer) => mailer.send(to))))
        .pipe(Effect.provideService(Mailer, { send: (to) => Effect.succeed(to.length) }))
      assert.strictEqual(yield* tasks.wait(yield* tasks.enqueue(Mail, { to: "grace" })), 5)
    }).pipe(Effect.provide(Tasks.layer().pipe(Layer.provide(MemoryTaskStore.layer))))
  )
})

describe("ids of tasks", () => {
  it("sort in the order in which they were made, also when the clock goes back", () => {
    const id = taskIds({ nextDoubleUnsafe: () => 0.5, nextIntUnsafe: () => 1 })
    const made = [1000, 1000, 1001, 1000, 5, 1002, ...Array.from({ length: 100 }, () => 1002)].map(id)
    assert.deepStrictEqual(made.toSorted(), made)
    assert.strictEqual(new Set(made).size, made.length)
    assert.ok(made.every((one) => one.length === 26))
  })
})

describe("the time that tasks go by", () => {
  it("follows a wall that is ahead, and the monotonic clock when the wall is set back", () => {
    let wall = 1_000_000
    let monotonic = 0n
    const clock = new EngineClock({
      currentTimeMillisUnsafe: () => wall,
      monotonicTimeNanosUnsafe: () => monotonic
    } as never)
    const pass = (millis: number): void => {
      wall += millis
      monotonic += BigInt(millis) * 1_000_000n
    }
    pass(500)
    assert.strictEqual(clock.now(), 1_000_500)
    wall -= 100_000
    pass(500)
    assert.strictEqual(clock.now(), 1_001_000)
    assert.strictEqual(clock.toWall(clock.now() + 5), wall + 5)
    assert.strictEqual(clock.fromWall(wall + 5), clock.now() + 5)
    wall += 700_000
    assert.strictEqual(clock.now(), wall)
  })
})
