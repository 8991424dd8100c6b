import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { type KnownPlugin, serviceName } from "../plugin/KnownPlugin.ts"
import { isSame } from "./choose.ts"

/** A service that a plugin needs and nobody in the app is known to provide. */
export interface Need {
  readonly plugin: KnownPlugin
  /** The service's key. */
  readonly service: string
  readonly providers: ReadonlyArray<KnownPlugin>
}

/** The first need of these plugins that is not met; those without a provider that is known are the compiler's to judge. */
export const firstNeed = (
  chosen: ReadonlyArray<KnownPlugin>,
  present: ReadonlyArray<KnownPlugin>,
  known: ReadonlyArray<KnownPlugin>
): Need | undefined => {
  const provided = new Set([...chosen, ...present].flatMap(({ provides }) => provides))
  for (const plugin of chosen) {
    for (const service of plugin.requires) {
      const providers = known.filter(({ provides }) => provides.includes(service))
      if (!provided.has(service) && providers.length > 0) return { plugin, service, providers }
    }
  }
  return undefined
}

/** A plugin needs a service, and the one to provide it has not been named. */
export class ServiceMissing extends Errors.make<ServiceMissing>()(
  "ServiceMissing",
  { component: "create-app", code: "ADD_SERVICE_MISSING", status: 422 },
  {
    plugin: Schema.String,
    service: Schema.String,
    providers: Schema.Array(Schema.String),
    /** The command that would do. */
    hint: Schema.String
  }
) {
  override get message() {
    const providers = this.providers.length === 1 ? this.providers[0] : `one of ${this.providers.join(", ")}`
    return `${this.plugin} needs ${serviceName(this.service)}, which nothing in this app provides. It comes with ${providers}:\n\n  ${this.hint}`
  }
}

/** Two plugins would provide one service. */
export class ServiceTaken extends Errors.make<ServiceTaken>()(
  "ServiceTaken",
  { component: "create-app", code: "ADD_SERVICE_TAKEN", status: 409 },
  {
    plugin: Schema.String,
    by: Schema.String,
    service: Schema.String,
    /** The other one is in the app already. */
    present: Schema.Boolean
  }
) {
  override get message() {
    const [what, how] = this.present
      ? [
          `${this.by} provides ${serviceName(this.service)} in this app already, and ${this.plugin} would provide it again.`,
          `To exchange the two, run \`mortise remove ${this.by}\` first; a second instance beside it is written by hand with Plugin.as.`
        ]
      : [`${this.by} and ${this.plugin} both provide ${serviceName(this.service)}.`, "Choose one of them."]
    return `${what} ${how}`
  }
}

/** A service that would be provided twice. */
export const firstTaken = (chosen: ReadonlyArray<KnownPlugin>, present: ReadonlyArray<KnownPlugin>) => {
  for (const [index, plugin] of chosen.entries()) {
    for (const service of plugin.provides) {
      const inApp = present.find((each) => each.provides.includes(service))
      const other = inApp ?? chosen.slice(0, index).find((each) => each.provides.includes(service))
      if (other !== undefined) {
        return new ServiceTaken({ plugin: plugin.name, by: other.name, service, present: inApp !== undefined })
      }
    }
  }
  return undefined
}

/** A plugin that is to go is needed by others. */
export class PluginNeeded extends Errors.make<PluginNeeded>()(
  "PluginNeeded",
  { component: "create-app", code: "REMOVE_PLUGIN_NEEDED", status: 409 },
  {
    plugin: Schema.String,
    by: Schema.Array(Schema.Struct({ plugin: Schema.String, service: Schema.String }))
  }
) {
  override get message() {
    const by = this.by.map(({ plugin, service }) => `${plugin} (for ${serviceName(service)})`).join(", ")
    const names = [...new Set(this.by.map(({ plugin }) => plugin)), this.plugin].join(" ")
    return `${this.plugin} cannot go: it is needed by ${by}. To remove all of them: mortise remove ${names}`
  }
}

/** Says who would miss what is removed, if anybody. */
export const firstNeeded = (removed: ReadonlyArray<KnownPlugin>, present: ReadonlyArray<KnownPlugin>) => {
  const rest = present.filter((plugin) => !removed.some((each) => isSame(each, plugin)))
  const provided = new Set(rest.flatMap(({ provides }) => provides))
  for (const plugin of removed) {
    const by = rest.flatMap((each) =>
      each.requires
        .filter((service) => plugin.provides.includes(service) && !provided.has(service))
        .map((service) => ({ plugin: each.name, service }))
    )
    if (by.length > 0) return new PluginNeeded({ plugin: plugin.name, by })
  }
  return undefined
}
