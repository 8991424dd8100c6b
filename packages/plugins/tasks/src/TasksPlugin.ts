/** Tasks on the app's database as a plugin: takes the place of core's, which keeps them in memory. */
import * as Plugin from "@mortise/core/app/Plugin"
import { Orm } from "@mortise/core/orm/Orm"
import * as Tasks from "@mortise/core/tasks/Tasks"
import { config, hosts, optionsOf } from "@mortise/core/tasks/TasksPlugin"
import * as Layer from "effect/Layer"
import * as OrmTaskStore from "./OrmTaskStore.ts"

/** Provides `Tasks`, kept in the table `mortise_tasks` of `Orm`'s database and configured under `tasks`. */
export const tasks = Plugin.define({
  name: "tasks",
  config,
  provides: [Tasks.Tasks],
  requires: [Orm],
  layer: ({ config }) => Layer.provide(Tasks.layer(optionsOf(config)), OrmTaskStore.layer),
  hosts
})
