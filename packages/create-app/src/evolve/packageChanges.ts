import * as Effect from "effect/Effect"
import { addEntry, removeEntry, type Section } from "../edit/packageJsonFile.ts"
import { Workspace } from "../workspace/Workspace.ts"
import { edit } from "./edits.ts"
import { importedPackages } from "./imports.ts"
import { type PartChange, packageEntries } from "./parts.ts"
import { rangeOf } from "./range.ts"
import { type Made, recordOf, staying, type Wish } from "./Wish.ts"

const path = "package.json"
const section = "dependencies of package.json"

/** Edits package.json; gives the packages that come or go. */
export const packageChanges = Effect.fnUntraced(function* (wish: Wish, parts: PartChange, made: Made) {
  const workspace = yield* Workspace
  const { packageJson } = wish.app
  const declared = { ...packageJson.dependencies, ...packageJson.devDependencies }
  const changed = new Set<string>()
  const put = (to: Section, name: string, value: string) =>
    edit(path, "", async (source) => {
      const entry = await addEntry(source, to, name, value)
      if (entry.made && to === "dependencies") made.add(section)
      return { text: entry.text, result: undefined }
    })
  const take = (from: Section, name: string) =>
    edit(path, "", async (source) => ({
      text: await removeEntry(source, from, name, from === "dependencies" && made.has(section)),
      result: undefined
    }))

  for (const plugin of wish.add) {
    if (plugin.package in declared || changed.has(plugin.package)) continue
    yield* put("dependencies", plugin.package, rangeOf(plugin, packageJson))
    changed.add(plugin.package)
  }
  const fromParts = packageEntries(parts)
  for (const { name, section: to, value } of fromParts) {
    if (to === "scripts") yield* value === undefined ? take(to, name) : put(to, name, value)
    else if (value !== undefined && !(name in declared) && !changed.has(name)) {
      yield* put(to, name, value)
      changed.add(name)
    }
  }
  // a package goes when nobody that stays has brought it, and no code imports it
  const stay = new Set(staying(wish).map((record) => record.package))
  const candidates = [
    ...wish.remove.filter((plugin) => recordOf(wish, plugin)?.dependency ?? true).map((plugin) => plugin.package),
    ...fromParts.filter((entry) => entry.section !== "scripts" && entry.value === undefined).map(({ name }) => name)
  ].filter((name) => !stay.has(name) && !wish.add.some((plugin) => plugin.package === name))
  const plan = yield* workspace.plan
  const imported = yield* Effect.promise(() => importedPackages(plan, new Set(candidates)))
  for (const name of new Set(candidates)) {
    if (imported.has(name)) continue
    yield* take("dependencies", name)
    yield* take("devDependencies", name)
    changed.add(name)
  }
  const text = JSON.parse((yield* workspace.read(path)) ?? "{}") as { readonly dependencies?: unknown }
  if (text.dependencies === undefined) made.delete(section)
  return [...changed]
})
