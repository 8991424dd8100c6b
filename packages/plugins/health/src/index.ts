/**
 * Liveness, readiness, build information and Prometheus metrics of a Mortise app.
 *
 * @example
 * import { health } from "@mortise/plugin-health"
 * const app = Plugin.compose(http(), gateway(), websocket(), chat(), health())
 */
export type { BuildInfo } from "./BuildInfo.ts"
export type { Audience, HealthConfig } from "./HealthConfig.ts"
export { HealthPages } from "./HealthPages.ts"
export { type HealthOptions, health } from "./HealthPlugin.ts"
export { type CheckReport, Readiness, type Report } from "./Readiness.ts"
