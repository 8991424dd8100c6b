import * as Plugin from "@mortise/core/app/Plugin"
import { Orm } from "@mortise/core/orm/Orm"
import * as Repository from "@mortise/core/orm/Repository"
import * as Task from "@mortise/core/tasks/Task"
import * as TaskCron from "@mortise/core/tasks/TaskCron"
import { Tasks } from "@mortise/core/tasks/Tasks"
import { cron, handlers } from "@mortise/core/tasks/TasksPlugin"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { StoredMessage } from "../history/StoredMessage.ts"

/** Messages older than this go. */
const days = 30
const day = 24 * 60 * 60 * 1000

const Messages = Repository.make(StoredMessage)

/** Removes old messages; gives how many there were. */
export const CleanUp = Task.make("chat.cleanup", { success: Schema.Int, timeout: "5 minutes" })

const cleanUp = Task.handler(
  CleanUp,
  Effect.fnUntraced(function* () {
    const now = yield* Clock.currentTimeMillis
    const removed = yield* Effect.orDie(Messages.deleteWhere({ at: { lt: new Date(now - days * day) } }))
    if (removed > 0) yield* Effect.logInfo(`removed ${removed} messages older than ${days} days`)
    return removed
  })
)

/** Cleans the history every night. */
export const cleanup = Plugin.define({
  name: "cleanup",
  requires: [Tasks, Orm],
  contributes: [handlers(cleanUp), cron(TaskCron.make(CleanUp, { expression: "30 3 * * *" }))]
})
