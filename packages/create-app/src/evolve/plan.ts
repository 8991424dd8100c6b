import * as Effect from "effect/Effect"
import type { KnownPlugin } from "../plugin/KnownPlugin.ts"
import * as Lock from "../workspace/Lock.ts"
import { Plan } from "../workspace/Plan.ts"
import { Workspace } from "../workspace/Workspace.ts"
import { composeChanges } from "./composeChanges.ts"
import { addConfig, removeConfig } from "./configChanges.ts"
import { packageChanges } from "./packageChanges.ts"
import { type PartChange, partChange, planPartFiles } from "./parts.ts"
import { isIn, type Made, pluginOf, recordsOf, staying, type Wish } from "./Wish.ts"
import { writeLock } from "./writeLock.ts"

/** Everything that a change does to an app, with what has to be said about it. */
export interface Evolution {
  readonly plan: Plan
  readonly parts: PartChange
  /** Packages that become dependencies, or are none any more. */
  readonly packages: ReadonlyArray<string>
}

/** Computes what adding and removing plugins does to an app's files; writes none. The workspace is over the app. */
export const planEvolution = Effect.fnUntraced(function* (wish: Wish) {
  const { add, app, known } = wish
  const workspace = yield* Workspace
  const made: Made = new Set(app.lock?.made ?? [])
  const before = recordsOf(wish)
    .filter((record) => record.parts)
    .map((record) => pluginOf(record, known))
  const after = [...before.filter((plugin) => !isIn(wish.remove, plugin)), ...(wish.parts ? add : [])]
  const parts = yield* partChange(app, known, before, wish.parts ? after : before)

  const imported = yield* composeChanges(wish, parts, made)
  yield* removeConfig(wish, parts)
  yield* planPartFiles(app, parts)
  const config = yield* addConfig(wish, parts)
  const packages = yield* packageChanges(wish, parts, made)

  const record = (plugin: KnownPlugin): Lock.AddedPlugin => {
    const own = plugin.config ?? []
    const other = recordsOf(wish).find((each) => each.package === plugin.package)
    return new Lock.AddedPlugin({
      name: plugin.name,
      package: plugin.package,
      version: plugin.version,
      from: plugin.from,
      factory: plugin.factory,
      imported: imported.has(plugin),
      // of two plugins of one package the later finds it there, and keeps it when the first goes
      dependency: packages.includes(plugin.package) || other?.dependency === true,
      sections: config.sections.filter((name) => own.some(({ path }) => path.startsWith(`${name}.`))),
      variables: config.variables.filter((name) => own.some(({ env }) => env === name)),
      parts: wish.parts,
      ...(isIn(wish.also, plugin) ? { also: true } : {})
    })
  }
  yield* writeLock(wish, [...staying(wish), ...add.map(record)], made, parts)

  const all = yield* workspace.plan
  // the lock tells what the app has, so it is the last to be written
  const changes = [...all.changes].sort((a, b) => Number(a.path === Lock.lockPath) - Number(b.path === Lock.lockPath))
  const evolution: Evolution = {
    plan: new Plan({ root: all.root, owner: all.owner, changes }),
    parts,
    packages
  }
  return evolution
})
