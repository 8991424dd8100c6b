import * as Effect from "effect/Effect"
import { addSections, removeSections } from "../edit/configFile.ts"
import { addEnv, hasVariable, removeEnv } from "../edit/envFile.ts"
import type { ConfigEntry } from "../template/Template.ts"
import { Workspace } from "../workspace/Workspace.ts"
import { configFile, envFile } from "./App.ts"
import { edit, editLoose } from "./edits.ts"
import type { PartChange } from "./parts.ts"
import { pasteOf, recordOf, type Wish } from "./Wish.ts"

const sectionsIn = (entries: ReadonlyArray<ConfigEntry>): ReadonlyArray<string> => [
  ...new Set(entries.map(({ path }) => path.slice(0, path.indexOf("."))))
]

/** Takes out the configuration of what goes. */
export const removeConfig = Effect.fnUntraced(function* (wish: Wish, parts: PartChange) {
  const workspace = yield* Workspace
  const sections = wish.remove.flatMap((plugin) => recordOf(wish, plugin)?.sections ?? sectionsIn(plugin.config ?? []))
  const variables = wish.remove.flatMap((plugin) =>
    (plugin.config ?? []).filter(({ env }) => recordOf(wish, plugin)?.variables.includes(env) ?? false)
  )
  const gone = [...sections, ...sectionsIn(parts.go)]
  if (gone.length > 0 && (yield* workspace.read(configFile)) !== undefined) {
    yield* edit(configFile, pasteOf(wish), async (source) => ({
      text: await removeSections(configFile, source, gone),
      result: undefined
    }))
  }
  yield* editLoose(envFile, (source) => removeEnv(source, [...variables, ...parts.go]))
})

/** Writes the configuration of what comes; gives the sections and variables that were not there before. */
export const addConfig = Effect.fnUntraced(function* (wish: Wish, parts: PartChange) {
  const workspace = yield* Workspace
  const entries = [...wish.add.flatMap(({ config = [] }) => config), ...parts.come]
  if (entries.length === 0) return { sections: [], variables: [] }
  const sections = yield* edit(configFile, pasteOf(wish), async (source) => {
    const { added, text } = await addSections(configFile, source, entries)
    return { text, result: added }
  })
  const before = (yield* workspace.read(envFile)) ?? ""
  yield* editLoose(envFile, (source) => addEnv(source, entries))
  return { sections, variables: entries.map(({ env }) => env).filter((name) => !hasVariable(before, name)) }
})
