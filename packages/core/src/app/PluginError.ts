/**
 * What can go wrong between plugins when a composition is put together or started.
 */
import * as Schema from "effect/Schema"
import * as Errors from "./Errors.ts"

/** Plugins need each other in a circle. Raised before any layer starts. */
export class PluginCycle extends Errors.make<PluginCycle>()(
  "PluginCycle",
  { component: "app", code: "PLUGIN_CYCLE", status: 500 },
  {
    /** Names along the circle; the first is repeated at the end. */
    path: Schema.Array(Schema.String),
    /** The service by which each plugin of the path needs the next one. */
    services: Schema.Array(Schema.String)
  }
) {
  override get message(): string {
    const steps = this.services.map((service, i) => `${this.path[i]} needs ${this.path[i + 1]} (${service})`)
    return `Plugins need each other in a circle: ${steps.join(", ")}. Move what they share into a plugin of its own.`
  }
}

/**
 * The plugins do not fit together. The compiler finds this first; it is raised before any layer starts for JavaScript and
 * for lists that were built at run time and cast.
 */
export class CompositionInvalid extends Errors.make<CompositionInvalid>()(
  "CompositionInvalid",
  { component: "app", code: "PLUGIN_COMPOSITION_INVALID", status: 500 },
  {
    problems: Schema.Array(Schema.String)
  }
) {
  override get message(): string {
    return `The plugins do not fit together:\n${this.problems.map((problem) => `  ${problem}`).join("\n")}`
  }
}

/** A plugin took longer to start than its budget. */
export class PluginStartTimeout extends Errors.make<PluginStartTimeout>()(
  "PluginStartTimeout",
  { component: "app", code: "PLUGIN_START_TIMEOUT", status: 503, retryable: true },
  {
    plugin: Schema.String,
    /** What it was doing: building its layer, running a live contribution, or activating a host. */
    phase: Schema.Literals(["layer", "contribution", "host"]),
    budgetMillis: Schema.Number
  }
) {
  override get message(): string {
    return (
      `Plugin "${this.plugin}" did not finish its ${this.phase} within ${this.budgetMillis} ms. ` +
      `See what it waits for, or give it a longer startBudget.`
    )
  }
}
