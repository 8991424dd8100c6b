import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { isCalled, type KnownPlugin } from "../plugin/KnownPlugin.ts"
import { PluginManifestInvalid } from "../plugin/PluginManifest.ts"
import { Plugins } from "../plugin/Plugins.ts"
import { readPackage } from "../plugin/readManifest.ts"
import { fetchPackages, packagesIn } from "../plugin/Staging.ts"
import { nearest } from "../project/Nearest.ts"
import type { App } from "./App.ts"

/** No plugin goes by this name. */
export class PluginUnknown extends Errors.make<PluginUnknown>()(
  "PluginUnknown",
  { component: "create-app", code: "ADD_PLUGIN_UNKNOWN", status: 404 },
  {
    name: Schema.String,
    nearest: Schema.NullOr(Schema.String),
    known: Schema.Array(Schema.String)
  }
) {
  override get message() {
    const hint = this.nearest === null ? "" : ` Did you mean ${this.nearest}?`
    const package_ = /^[a-z0-9][a-z0-9._-]*(@.*)?$/.test(this.name)
      ? ` If you mean the npm package of that name, write npm:${this.name}.`
      : ""
    return `There is no plugin ${JSON.stringify(this.name)}.${hint} Known: ${this.known.join(", ")}.${package_}`
  }
}

/** A package has several plugins, and one is meant. */
export class PluginAmbiguous extends Errors.make<PluginAmbiguous>()(
  "PluginAmbiguous",
  { component: "create-app", code: "ADD_PLUGIN_AMBIGUOUS", status: 422 },
  {
    package: Schema.String,
    plugins: Schema.Array(Schema.String)
  }
) {
  override get message() {
    return `${this.package} has several plugins: ${this.plugins.map((name) => `${this.package}#${name}`).join(", ")}. Name one of them.`
  }
}

/** What can be added to an app: Mortise's own plugins, and those of packages that it depends on. */
export interface Catalogue {
  readonly plugins: ReadonlyArray<KnownPlugin>
  /** Dependencies whose manifest is refused, and why. */
  readonly broken: ReadonlyMap<string, string>
  /** Folders of packages that were fetched to look at them. */
  readonly fetched: ReadonlyArray<string>
}

/** Where a package lies that an app sees, or undefined. */
export const installedAt = (root: string, name: string): string | undefined => {
  const folder = join(root, "node_modules", name)
  if (existsSync(join(folder, "package.json"))) return folder
  return dirname(root) === root ? undefined : installedAt(dirname(root), name)
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Reads the manifests of what an app depends on; one that is refused hinders nobody who does not ask for it. */
export const catalogueOf = Effect.fnUntraced(function* (app: App) {
  const own = yield* Effect.flatMap(Plugins, (plugins) => plugins.list)
  const names = Object.keys({ ...app.packageJson.dependencies, ...app.packageJson.devDependencies })
  const broken = new Map<string, string>()
  const found = yield* Effect.promise(() =>
    Promise.all(
      names
        .filter((name) => !own.some((plugin) => plugin.package === name))
        .map(async (name) => {
          const folder = installedAt(app.root, name)
          try {
            return folder === undefined ? [] : ((await readPackage(folder)) ?? [])
          } catch (cause) {
            broken.set(name, reasonOf(cause))
            return []
          }
        })
    )
  )
  const catalogue: Catalogue = { plugins: [...own, ...found.flat()], broken, fetched: [] }
  return catalogue
})

/** The package that a word asks the registry for: with a scope, or behind `npm:`, so that a slip of the finger fetches nothing. */
const specifierOf = (word: string): string | undefined => {
  const [, rest = ""] = /^npm:(.+)$/.exec(word) ?? []
  const specifier = rest === "" ? word : rest
  const pattern = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*(?:@[A-Za-z0-9.^~*-]+)?$/
  return pattern.test(specifier) && (rest !== "" || specifier.startsWith("@")) ? specifier : undefined
}

const pick = Effect.fnUntraced(function* (
  plugins: ReadonlyArray<KnownPlugin>,
  name: string,
  inner: string | undefined
) {
  const found = inner === undefined ? plugins : plugins.filter((plugin) => isCalled(plugin, inner))
  const [first] = found
  if (first !== undefined && found.length === 1) return first
  if (first === undefined) {
    return yield* new PluginUnknown({
      name: `${name}#${inner}`,
      nearest: null,
      known: plugins.map((plugin) => `${name}#${plugin.name}`)
    })
  }
  return yield* new PluginAmbiguous({ package: name, plugins: found.map((plugin) => plugin.name) })
})

/** Finds the plugins that words name; a package that is not there is fetched, to be read and not run. */
export const choose = Effect.fnUntraced(function* (app: App, known: Catalogue, words: ReadonlyArray<string>) {
  let catalogue = known
  const chosen: Array<KnownPlugin> = []
  for (const word of words) {
    const [name = word, inner] = word.split("#", 2)
    const byName = catalogue.plugins.find((plugin) => isCalled(plugin, name))
    const byPackage = catalogue.plugins.filter((plugin) => plugin.package === name)
    const specifier = specifierOf(name)
    if (byName !== undefined && inner === undefined) chosen.push(byName)
    else if (byPackage.length > 0) chosen.push(yield* pick(byPackage, name, inner))
    else if (specifier !== undefined) {
      const wanted = specifier.replace(/(.)@.*$/, "$1")
      const reason = catalogue.broken.get(wanted)
      if (reason !== undefined) return yield* new PluginManifestInvalid({ package: wanted, reason })
      const installed = installedAt(app.root, wanted)
      const modules = installed === undefined ? yield* fetchPackages(app.root, [specifier]) : undefined
      const plugins = yield* Effect.tryPromise({
        try: async () => {
          const folder = installed ?? (await packagesIn(modules ?? "")).get(wanted)
          const found = folder === undefined ? undefined : await readPackage(folder)
          if (found === undefined) throw new Error("it exports no ./manifest, so it has no plugins")
          return found
        },
        catch: (cause) => new PluginManifestInvalid({ package: wanted, reason: reasonOf(cause) })
      })
      catalogue = {
        ...catalogue,
        plugins: [...catalogue.plugins, ...plugins],
        fetched: [...catalogue.fetched, ...(modules === undefined ? [] : [modules])]
      }
      chosen.push(yield* pick(plugins, wanted, inner))
    } else {
      const names = catalogue.plugins.map((plugin) => plugin.name)
      const all = catalogue.plugins.flatMap((plugin) => [plugin.name, ...(plugin.aliases ?? [])])
      return yield* new PluginUnknown({ name: word, nearest: nearest(word, all) ?? null, known: names })
    }
  }
  const unique = chosen.filter((plugin, index) => chosen.findIndex((each) => isSame(each, plugin)) === index)
  return { catalogue, chosen: unique }
})

/** Whether two are one plugin. */
export const isSame = (a: Pick<KnownPlugin, "from" | "factory">, b: Pick<KnownPlugin, "from" | "factory">): boolean =>
  a.from === b.from && a.factory === b.factory
