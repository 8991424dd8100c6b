/**
 * Durable tasks on the app's database.
 *
 * @example
 * import { tasks } from "@mortise/plugin-tasks"
 */
export * as OrmTaskStore from "./OrmTaskStore.ts"
export { namespace, tasks } from "./TasksPlugin.ts"
export { TaskTable } from "./TaskTable.ts"
