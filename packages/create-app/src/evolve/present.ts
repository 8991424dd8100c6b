import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { readUses } from "../edit/appFile.ts"
import type { Use } from "../edit/compose.ts"
import { EditRefused, NoPlace } from "../edit/EditRefused.ts"
import type { KnownPlugin } from "../plugin/KnownPlugin.ts"
import { packageOf } from "../plugin/PluginManifest.ts"
import { type App, appFile } from "./App.ts"

/** What stands in an app's `Plugin.compose`. */
export interface Present {
  readonly plugins: ReadonlyArray<KnownPlugin>
  /** There are plugins of which nothing is known here: the app's own. They may provide anything. */
  readonly others: boolean
}

/** The plugins among these uses that are known. An instance under another service key provides nothing that is known. */
export const presentIn = (
  uses: ReadonlyArray<Pick<Use, "exported" | "kind" | "replaces">>,
  known: ReadonlyArray<KnownPlugin>
): Present => {
  const find = (exported: Use["exported"]): KnownPlugin | undefined =>
    exported === undefined
      ? undefined
      : known.find((plugin) => plugin.factory === exported.name && plugin.package === packageOf(exported.from))
  const found = uses.map((use) =>
    use.kind === "as" ? undefined : (find(use.exported) ?? (use.kind === "override" ? find(use.replaces) : undefined))
  )
  return {
    plugins: found.filter((plugin) => plugin !== undefined),
    others: uses.some((use, index) => use.kind !== "as" && found[index] === undefined)
  }
}

/** Reads an app's composition root. */
export const presentOf = Effect.fnUntraced(function* (app: App, known: ReadonlyArray<KnownPlugin>, paste: string) {
  const path = join(app.root, appFile)
  const refused = (reason: string) => new EditRefused({ file: appFile, reason, paste })
  if (!existsSync(path)) return yield* refused(`there is no such file in ${app.root}`)
  const uses = yield* Effect.tryPromise({
    try: async () => readUses(appFile, await readFile(path, "utf8")),
    catch: (cause) => cause
  }).pipe(
    Effect.catch((cause) =>
      cause instanceof NoPlace
        ? Effect.fail(refused(cause.message))
        : Effect.fail(refused(cause instanceof Error ? cause.message : String(cause)))
    )
  )
  return presentIn(uses, known)
})
