import type { KnownPlugin } from "../plugin/KnownPlugin.ts"
import { isIn, pluginOf, staying, type Wish } from "./Wish.ts"

/** Whether one of these plugins needs what another provides. */
const isNeeded = (provider: KnownPlugin, by: ReadonlyArray<KnownPlugin>): boolean =>
  by.some(({ requires }) => requires.some((service) => provider.provides.includes(service)))

/**
 * The plugins that came only because those that are removed needed them, or each other, and that no known plugin of the
 * rest needs. The app's own code may: so they stay until somebody removes them.
 */
export const unneededWithout = (wish: Wish, present: ReadonlyArray<KnownPlugin>): ReadonlyArray<KnownPlugin> => {
  const came = staying(wish)
    .filter(({ also }) => also === true)
    .map((record) => pluginOf(record, wish.known))
  // from those that are removed, along what each needs
  let found: ReadonlyArray<KnownPlugin> = []
  for (;;) {
    const more = came.filter((plugin) => !isIn(found, plugin) && isNeeded(plugin, [...wish.remove, ...found]))
    if (more.length === 0) break
    found = [...found, ...more]
  }
  for (;;) {
    const rest = present.filter((plugin) => !isIn(wish.remove, plugin) && !isIn(found, plugin))
    const kept = found.filter((plugin) => !isNeeded(plugin, rest))
    if (kept.length === found.length) return kept
    found = kept
  }
}
