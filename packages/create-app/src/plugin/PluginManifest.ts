/**
 * What a package says about its plugins in `manifest.json`: all that `add` needs to know, as data, so that no code of a plugin
 * runs before its user starts the app. A manifest comes from strangers: what ends up in code is an identifier or a
 * module specifier inside the same package, or the manifest is refused.
 */
import * as Schema from "effect/Schema"
import * as Errors from "../Errors.ts"
import { ConfigEntry, Line } from "../template/ConfigEntry.ts"
import { isReserved } from "../template/reserved.ts"

/** Largest `manifest.json` that is read, in bytes. */
export const maxManifestBytes = 256 * 1024

const Name = Schema.String.check(Schema.isMaxLength(60), Schema.isPattern(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/))
const ServiceKey = Line.check(Schema.isNonEmpty(), Schema.isMaxLength(200))
const few = <S extends Schema.Constraint>(item: S) => Schema.Array(item).check(Schema.isMaxLength(100))

/** One plugin of a package. */
export const PluginEntry = Schema.Struct({
  /** The name that `Plugin.define` has. */
  name: Name,
  /** Other names under which `add` takes it: what it is for (`orm`) rather than what it is. */
  aliases: Schema.optionalKey(few(Name)),
  summary: Line,
  /** Module that exports the factory, of this package. */
  from: Schema.String.check(
    Schema.isMaxLength(300),
    Schema.isPattern(/^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/)
  ),
  factory: Schema.String.check(
    Schema.isMaxLength(60),
    Schema.isPattern(/^[A-Za-z_][A-Za-z0-9_]*$/),
    Schema.makeFilter((name: string) => !isReserved(name) || `${name} is a word of the language`)
  ),
  provides: few(ServiceKey),
  requires: few(ServiceKey),
  config: Schema.optionalKey(few(ConfigEntry))
})
export type PluginEntry = typeof PluginEntry.Type

/** The content of `manifest.json`. Fields that are not known here are left alone: a later version may have more. */
export const PluginManifest = Schema.Struct({
  plugins: Schema.Array(PluginEntry).check(Schema.isMinLength(1), Schema.isMaxLength(50))
})
export type PluginManifest = typeof PluginManifest.Type

/** A package's manifest cannot be trusted, or not be read. */
export class PluginManifestInvalid extends Errors.make<PluginManifestInvalid>()(
  "PluginManifestInvalid",
  { component: "create-app", code: "ADD_MANIFEST_INVALID", status: 422 },
  {
    package: Schema.String,
    reason: Schema.String
  }
) {
  override get message() {
    return `The package ${JSON.stringify(this.package)} cannot be added: ${this.reason}.`
  }
}

/** The name of the package that a module belongs to. */
export const packageOf = (specifier: string): string =>
  specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")

/** What no Schema of one field can see. */
const problemsOf = (packageName: string, { plugins }: PluginManifest): ReadonlyArray<string> => {
  const all = plugins.flatMap(({ aliases = [], name }) => [name, ...aliases])
  return [
    ...all.filter((name, index) => all.indexOf(name) !== index).map((name) => `two of its plugins are called ${name}`),
    ...plugins
      .filter(({ from }) => packageOf(from) !== packageName || from.split("/").includes(".."))
      .map(({ from, name }) => `its plugin ${name} names ${from}, which is no module of the package`),
    ...plugins.flatMap(({ config = [], name }) =>
      config
        .filter(({ path }) => !path.startsWith(`${name}.`))
        .map(({ path }) => `its plugin ${name} configures ${path}, which is not its own section`)
    )
  ]
}

/** Decodes the manifest of a package; throws an Error that says all that is wrong with it. */
export const decodePluginManifest = (packageName: string, input: unknown): PluginManifest => {
  const manifest = Schema.decodeUnknownSync(PluginManifest)(input)
  const problems = problemsOf(packageName, manifest)
  if (problems.length > 0) throw new Error(problems.join("; "))
  return manifest
}
