/**
 * Talks to a running app, for its owner.
 *
 * @example
 * import { admin } from "@mortise/plugin-admin"
 * const app = Plugin.compose(http(), gateway(), websocket(), chat(), admin())
 * // $ mortise info
 */
export { admin } from "./AdminPlugin.ts"
