/**
 * Tasks as a plugin: others contribute handlers and schedules, and it puts them to work when all are there. This one keeps
 * tasks in memory; `@mortise/plugin-tasks` is the same on the app's database.
 *
 * @example
 * const mail = Plugin.define({
 *   name: "mail",
 *   requires: [Mailer],
 *   contributes: [handlers(Task.handler(SendMail, ({ to, text }) => Mailer.use((mailer) => mailer.send(to, text))))]
 * })
 * const app = Plugin.compose(tasks(), mailer(), mail())
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Contribution from "../app/Contribution.ts"
import * as Plugin from "../app/Plugin.ts"
import * as MemoryTaskStore from "./MemoryTaskStore.ts"
import type { Handler, NeedsOf } from "./Task.ts"
import type { TaskCron } from "./TaskCron.ts"
import * as Tasks from "./Tasks.ts"

/** Where apps and plugins put what they do when a task is due; see `handlers`. */
export const Handlers = Contribution.point<ReadonlyArray<Handler<never>>>()("tasks.handlers")

/** Where they put what is enqueued by the calendar; see `cron`. */
export const Schedules = Contribution.point<ReadonlyArray<TaskCron>>()("tasks.schedules")

/** Handlers, with the services that the contributing plugin provides and requires. */
export const handlers = <const H extends ReadonlyArray<Handler<unknown>>>(...all: H) =>
  Contribution.contribute(
    Handlers,
    Effect.contextWith((context: Context.Context<NeedsOf<H[number]>>) => {
      // each run has a scope of its own, which that of the app must not hide
      const services = Context.omit(Scope.Scope)(context as Context.Context<unknown>)
      return Effect.succeed(
        all.map(
          ({ handle, task }): Handler<never> => ({
            task,
            handle: (payload, run) => Effect.provideContext(handle(payload, run), services as Context.Context<unknown>)
          })
        )
      )
    })
  )

/** Schedules: `contributes: [cron(TaskCron.make(Cleanup, { expression: "0 3 * * *", timeZone: "Europe/Berlin" }))]`. */
export const cron = (...all: ReadonlyArray<TaskCron>) => Contribution.contribute(Schedules, Effect.succeed(all))

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Millis = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

/** The section `tasks` of the configuration; see `TasksOptions` for what its keys mean. */
export const config = Schema.Struct({
  concurrency: Schema.optionalKey(Count),
  leaseMillis: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1000))),
  pollMillis: Schema.optionalKey(Millis),
  retentionMillis: Schema.optionalKey(Count),
  drainMillis: Schema.optionalKey(Count),
  maxPayloadLength: Schema.optionalKey(Millis)
}).pipe(Schema.withDecodingDefaultKey(Effect.succeed({})))

/** What the configuration says, as options of `Tasks.layer`. */
export const optionsOf = (section: (typeof config)["Type"]): Tasks.TasksOptions => {
  const duration = (millis: number | undefined, name: "lease" | "poll" | "retention" | "drain") =>
    millis === undefined ? {} : { [name]: Duration.millis(millis) }
  return {
    ...(section.concurrency === undefined ? {} : { concurrency: section.concurrency }),
    ...(section.maxPayloadLength === undefined ? {} : { maxPayloadLength: section.maxPayloadLength }),
    ...duration(section.leaseMillis, "lease"),
    ...duration(section.pollMillis, "poll"),
    ...duration(section.retentionMillis, "retention"),
    ...duration(section.drainMillis, "drain")
  }
}

/** What a plugin that provides `Tasks` hosts, whatever its store. */
export const hosts = [
  Contribution.host(Handlers, (lists) => Tasks.Tasks.use((tasks) => tasks.work(...lists.flat()))),
  Contribution.host(Schedules, (lists) => Tasks.Tasks.use((tasks) => tasks.cron(...lists.flat())))
] as const

/** Provides `Tasks`, kept in memory and configured under `tasks`. Tasks that wait are lost with the process. */
export const tasks = Plugin.define({
  name: "tasks",
  config,
  provides: [Tasks.Tasks],
  layer: ({ config }) => Layer.provide(Tasks.layer(optionsOf(config)), MemoryTaskStore.layer),
  hosts
})
