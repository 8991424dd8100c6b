// @module-tag process
import { type ChildProcess, spawn } from "node:child_process"
import path from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Tasks from "@mortise/core/tasks/Tasks"
import { turns } from "@mortise/core/testing/until"
import * as Sqlite from "@mortise/orm/Sqlite"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as OrmTaskStore from "../src/OrmTaskStore.ts"
import { folder, prepareSqlite } from "./databases.ts"
import { Counted, Poison } from "./processes/tasks.ts"

const TASKS = 10_000
const KILLS = 20
const PATIENCE_MILLIS = 120_000

/** A file with the table, and a trigger that writes down each time that a task is completed. */
const database = Effect.gen(function* () {
  const file = path.join(yield* folder, "tasks.db")
  yield* prepareSqlite(file)
  const audit = yield* Effect.acquireRelease(
    Effect.sync(() => new DatabaseSync(file, { timeout: 20_000 })),
    (opened) => Effect.sync(() => opened.close())
  )
  audit.exec(`
    create table completions (id text not null, fence integer not null);
    create trigger completed after update of state on mortise_tasks
    when new.state = 'succeeded' begin insert into completions values (new.id, new.fence); end`)
  const number = (sql: string): number => Number(Object.values(audit.prepare(sql).get() as object)[0])
  return { file, number }
})

/** Enqueues only. */
const enqueuer = (file: string) =>
  Tasks.layer({ concurrency: 0 }).pipe(
    Layer.provide(OrmTaskStore.layer),
    Layer.provide(Sqlite.layer({ file, busyTimeout: "20 seconds" })),
    Layer.build,
    Effect.map((context) => Context.get(context, Tasks.Tasks))
  )

/** A worker that has begun to work. */
const worker = (file: string) =>
  Effect.acquireRelease(
    Effect.callback<ChildProcess>((resume) => {
      const program = fileURLToPath(new URL("./processes/worker.ts", import.meta.url))
      const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, file], {
        stdio: ["ignore", "pipe", "pipe"]
      })
      let said = ""
      child.stderr.on("data", (data) => (said += data))
      child.stdout.once("data", () => resume(Effect.succeed(child)))
      child.once("exit", (code) => resume(Effect.die(new Error(`the worker ended with ${code}: ${said}`))))
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

const gone = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

const until = Effect.fnUntraced(function* (what: string, holds: () => boolean) {
  const from = performance.now()
  while (!holds()) {
    if (performance.now() - from > PATIENCE_MILLIS) assert.fail(`waited in vain: ${what}`)
    yield* Effect.sleep(2)
    yield* turns(1)
  }
})

describe("workers that are killed", () => {
  it.live(
    `lose none of ${TASKS} tasks and complete none twice, killed ${KILLS} times`,
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { file, number } = yield* database
          const tasks = yield* enqueuer(file)
          yield* tasks.enqueueAll(
            Counted,
            Array.from({ length: TASKS }, (_, n) => ({ n }))
          )
          const done = (): number => number("select count(*) from completions")
          const pair = [yield* worker(file), yield* worker(file)]
          for (let kill = 0; kill < KILLS; kill++) {
            const goal = Math.floor((TASKS * (kill + 1)) / (KILLS + 4))
            yield* until(`${goal} are done`, () => done() >= goal)
            const victim = pair[kill % 2] as ChildProcess
            victim.kill("SIGKILL")
            yield* until("it is gone", () => gone(victim))
            pair[kill % 2] = yield* worker(file)
          }
          yield* until(
            "all are done",
            () => number("select count(*) from mortise_tasks where state <> 'succeeded'") === 0
          )
          assert.strictEqual(done(), TASKS, "a task was completed twice, or never")
          assert.strictEqual(number("select count(distinct id) from completions"), TASKS)
          assert.strictEqual(
            number(
              "select count(*) from mortise_tasks where cast(outcome as integer) <> json_extract(payload, '$.n') * 2"
            ),
            0
          )
          assert.isAbove(number("select count(*) from mortise_tasks where fence > 1"), 0, "no kill hit a running task")
        })
      ),
    200_000
  )

  it.live(
    "send a task to the dead letters that kills each of them",
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { file, number } = yield* database
          const tasks = yield* enqueuer(file)
          const poison = yield* tasks.enqueue(Poison)
          const sound = yield* tasks.enqueue(Counted, { n: 1 }, { priority: -1 })
          for (let kill = 0; kill < 3; kill++) {
            const victim = yield* worker(file)
            yield* until("it is gone", () => gone(victim))
          }
          yield* worker(file)
          yield* until("it is dead", () => number("select count(*) from mortise_tasks where state = 'dead'") === 1)
          const status = yield* tasks.status(poison)
          assert.strictEqual(status.attempts, 3)
          assert.strictEqual(Option.getOrThrow(status.failure).kind, "lost")
          assert.strictEqual(yield* tasks.wait(sound), 2)
        })
      ),
    200_000
  )

  it.live(
    "are overtaken when they are stopped past their lease, and what they say later is refused",
    () =>
      Effect.scoped(
        Effect.gen(function* () {
          const { file, number } = yield* database
          const tasks = yield* enqueuer(file)
          yield* tasks.enqueueAll(
            Counted,
            Array.from({ length: 2000 }, (_, n) => ({ n: n * 50 }))
          )
          const first = yield* worker(file)
          const done = (): number => number("select count(*) from completions")
          const running = (): number => number("select count(*) from mortise_tasks where state = 'running'")
          for (let overtaken = 0; overtaken < 5; ) {
            yield* until("something runs", () => running() > 0)
            first.kill("SIGSTOP")
            const other = yield* worker(file)
            const goal = done() + 40
            const from = performance.now()
            // stopped in the middle of a write it holds the file, and nobody gets any further: then try another moment
            yield* until("the other goes on", () => done() >= goal || performance.now() - from > 5000)
            if (done() >= goal) overtaken++
            first.kill("SIGCONT")
            other.kill("SIGKILL")
            yield* until("it is gone", () => gone(other))
          }
          yield* until(
            "all are done",
            () => number("select count(*) from mortise_tasks where state <> 'succeeded'") === 0
          )
          assert.strictEqual(number("select count(*) from completions"), 2000)
          assert.strictEqual(number("select count(distinct id) from completions"), 2000)
        })
      ),
    200_000
  )
})
