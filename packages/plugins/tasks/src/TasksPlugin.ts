/** Tasks on the app's database as a plugin: takes the place of core's, which keeps them in memory. */
import * as Plugin from "@mortise/core/app/Plugin"
import * as Migration from "@mortise/core/orm/Migration"
import { Orm } from "@mortise/core/orm/Orm"
import * as Tasks from "@mortise/core/tasks/Tasks"
import { config, hosts, optionsOf } from "@mortise/core/tasks/TasksPlugin"
import * as Layer from "effect/Layer"
import { migrations } from "./migrations/index.ts"
import * as OrmTaskStore from "./OrmTaskStore.ts"
import { TaskTable } from "./TaskTable.ts"

/** The table of tasks and how it came to be, for `Migrations` in code. */
export const namespace: Migration.Namespace = { namespace: "tasks", models: [TaskTable], migrations }

/** Provides `Tasks`, kept in the table `mortise_tasks` of `Orm`'s database and configured under `tasks`. */
export const tasks = Plugin.define({
  name: "tasks",
  config,
  provides: [Tasks.Tasks],
  requires: [Orm],
  layer: ({ config }) => Layer.provide(Tasks.layer(optionsOf(config)), OrmTaskStore.layer),
  hosts,
  contributes: [Migration.contribute(namespace)]
})
