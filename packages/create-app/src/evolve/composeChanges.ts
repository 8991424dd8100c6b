import * as Effect from "effect/Effect"
import { addUse, removeUse } from "../edit/appFile.ts"
import type { KnownPlugin } from "../plugin/KnownPlugin.ts"
import type { PluginUse } from "../template/Template.ts"
import { appFile } from "./App.ts"
import { edit } from "./edits.ts"
import { callText, type PartChange } from "./parts.ts"
import { type Made, pasteOf, recordOf, type Wish } from "./Wish.ts"

const lines = "lines of src/app.ts"
const exportOf = (use: PluginUse) => ({ from: use.from, name: use.name })

/** Edits the composition root; gives the plugins whose import was not there before. */
export const composeChanges = Effect.fnUntraced(function* (wish: Wish, parts: PartChange, made: Made) {
  const paste = pasteOf(wish)
  const remove = (exported: { readonly from: string; readonly name: string }, keepImport: boolean) =>
    edit(appFile, paste, async (source) => {
      const { broken, text } = await removeUse(appFile, source, exported, { join: made.has(lines), keepImport })
      if (!broken) made.delete(lines)
      return { text, result: undefined }
    })

  // what goes, goes first: what comes may take its place
  for (const plugin of wish.remove) {
    yield* remove({ from: plugin.from, name: plugin.factory }, recordOf(wish, plugin)?.imported === false)
  }
  for (const { next, old } of parts.uses) {
    if (next === undefined) {
      if (old !== undefined) yield* remove(exportOf(old), false)
      continue
    }
    yield* edit(appFile, paste, async (source) => {
      const argument = { exported: exportOf(next), call: callText(next, parts), comment: next.comment }
      const replaced = old === undefined ? undefined : { exported: exportOf(old), call: callText(old, parts) }
      const { broken, text } = await addUse(appFile, source, argument, replaced)
      if (broken) made.add(lines)
      return { text, result: undefined }
    })
  }
  const imported = new Set<KnownPlugin>()
  for (const plugin of wish.add) {
    yield* edit(appFile, paste, async (source) => {
      const argument = { exported: { from: plugin.from, name: plugin.factory }, call: "()" }
      const added = await addUse(appFile, source, argument)
      if (added.broken) made.add(lines)
      if (added.imported) imported.add(plugin)
      return { text: added.text, result: undefined }
    })
  }
  return imported
})
