/**
 * Durable tasks on the app's database.
 *
 * @example
 * import { tasks } from "@mortise/plugin-tasks"
 */
export * as OrmTaskStore from "./OrmTaskStore.ts"
export { TaskTable } from "./TaskTable.ts"
export { tasks } from "./TasksPlugin.ts"
