import * as Schema from "effect/Schema"
import { PluginEntry } from "./PluginManifest.ts"

/** A plugin that can be added, and the package that it comes with. */
export const KnownPlugin = Schema.Struct({
  ...PluginEntry.fields,
  package: Schema.String,
  version: Schema.String
})
export type KnownPlugin = typeof KnownPlugin.Type

/** Whether a plugin goes by this name. */
export const isCalled = (plugin: KnownPlugin, name: string): boolean =>
  plugin.name === name || (plugin.aliases ?? []).includes(name)

/**
 * Whether one of these plugins is meant by a name: it goes by it, or provides all that the plugin of that name provides
 * (and that is something).
 */
export const standsFor = (
  known: ReadonlyArray<KnownPlugin>,
  present: ReadonlyArray<KnownPlugin>,
  name: string
): boolean => {
  if (present.some((plugin) => isCalled(plugin, name))) return true
  const provides = known.find((plugin) => isCalled(plugin, name))?.provides ?? []
  return provides.length > 0 && present.some((plugin) => provides.every((service) => plugin.provides.includes(service)))
}

/** The last part of a service's key, as people call it: `Orm` of `@mortise/core/orm/Orm`. */
export const serviceName = (key: string): string => key.slice(key.lastIndexOf("/") + 1)
