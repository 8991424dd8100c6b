/** A worker in a process of its own, to be killed: `node worker.ts FILE`. Says `working` once it works. */
import * as Task from "@mortise/core/tasks/Task"
import * as Tasks from "@mortise/core/tasks/Tasks"
import * as Sqlite from "@mortise/orm/Sqlite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as OrmTaskStore from "../../src/OrmTaskStore.ts"
import { Counted, Poison } from "./tasks.ts"

const [file = ""] = process.argv.slice(2)

const main = Effect.gen(function* () {
  const tasks = yield* Tasks.Tasks
  yield* tasks.work(
    Task.handler(Counted, ({ n }) => Effect.as(n % 50 === 0 ? Effect.sleep(5) : Effect.void, n * 2)),
    // takes the process down, as a crash of native code would
    Task.handler(Poison, () => Effect.sync(() => process.kill(process.pid, "SIGKILL")))
  )
  process.stdout.write("working\n")
  return yield* Effect.never
})

const layer = Tasks.layer({ concurrency: 20, lease: "1 second", poll: 50 }).pipe(
  Layer.provide(OrmTaskStore.layer),
  Layer.provide(Sqlite.layer({ file, busyTimeout: "20 seconds" }))
)
Effect.runPromise(Effect.provide(Effect.scoped(main), layer)).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
