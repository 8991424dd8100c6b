/**
 * A plugin is one value that is manifest and proof: what it provides, requires, adds and hosts, its configuration and its
 * layer. `compose` puts plugins together and does not compile when they do not fit.
 *
 * @example
 * const sqlite = Plugin.define({
 *   name: "sqlite",
 *   config: Schema.Struct({ file: Schema.String }),
 *   provides: [Database],
 *   layer: ({ config }) => Layer.effect(Database, open(config.file))
 * })
 * const app = Plugin.compose(sqlite(), http(), Plugin.as(sqlite(), "statistics", Database, StatisticsDatabase))
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import type { Contribution, Host } from "./Contribution.ts"
import { type Culprit, culpritOf } from "./internal/culprit.ts"
import type { Declared, LayerDeclared, StandIn } from "./internal/proof.ts"

export { type Composition, compose } from "./Composition.ts"
export { contribute, dataPoint, host, point } from "./Contribution.ts"

/** The key of any service. */
export type AnyKey = Context.Key<unknown, unknown>

/** A configuration Schema; it decodes without services. */
export type AnyConfig = Schema.ConstraintCodec<unknown, unknown, never, unknown>

type Ids<Keys extends ReadonlyArray<AnyKey>> = Keys[number]["Identifier"]

/**
 * One instance of a plugin. `Config` is what its section of the configuration holds before decoding (`void`: it has
 * none), `Adds` the points that it needs a host for, `Hosts` the points that it hosts.
 */
export interface Plugin<
  out Name extends string,
  out Provides,
  out E,
  out Requires,
  out Config,
  out Adds extends string,
  out Hosts extends string
> {
  /** The name of this instance: its section of the configuration, its name in errors and in the banner. */
  readonly name: Name
  readonly provides: ReadonlyArray<AnyKey>
  readonly requires: ReadonlyArray<AnyKey>
  readonly config: AnyConfig | undefined
  readonly contributes: ReadonlyArray<Contribution<Adds, unknown, unknown>>
  readonly hosts: ReadonlyArray<Host<Hosts, unknown, unknown>>
  /** The name of the plugin that this one stands for, see `override`. */
  readonly replaces: string | undefined
  readonly startBudget: Duration.Duration
  /** Takes the decoded section of the configuration. */
  readonly layer: (config: unknown) => Layer.Any
  /** What the plugin's own contributions and hosts see of the app, see `as`. */
  readonly view: (app: Context.Context<never>) => Context.Context<never>
  readonly "~types": {
    readonly provides: Provides
    readonly error: E
    readonly requires: Requires
    readonly config: Config
  }
}

/** Any plugin. */
export type Any = Plugin<string, unknown, unknown, unknown, unknown, string, string>

/** What is known of a plugin without options, configuration or running code. */
export interface Manifest {
  readonly name: string
  readonly provides: ReadonlyArray<AnyKey>
  readonly requires: ReadonlyArray<AnyKey>
  readonly config: AnyConfig | undefined
  readonly contributes: ReadonlyArray<Contribution<string, unknown, unknown>>
  readonly hosts: ReadonlyArray<Host<string, unknown, unknown>>
}

/** Makes instances of a plugin. Options that are all optional may be left out. */
export interface Factory<O, P extends Any> {
  (...options: {} extends O ? [options?: O] : [options: O]): P
  readonly manifest: Manifest
}

/** Names the type of a plugin's options: choices that are code, not configuration. */
export interface Options<in out O> {
  readonly "~O": (_: O) => O
}

/** `options: Plugin.options<{ readonly dialect: Dialect }>()`. */
export const options = <O>(): Options<O> => ({}) as Options<O>

/** The one object that `define` takes. */
export interface Spec<
  Name extends string,
  Provides extends ReadonlyArray<AnyKey>,
  Requires extends ReadonlyArray<AnyKey>,
  Config extends AnyConfig,
  O,
  Built,
  Adds,
  Hosts
> {
  /** Lower case, dashes between words. */
  readonly name: Name
  readonly options?: Options<O>
  /** Schema of this plugin's section of the configuration. */
  readonly config?: Config
  /** The services that the layer gives. */
  readonly provides?: Provides
  /** The services that the layer, the live contributions and the hosts need from other plugins. */
  readonly requires?: Requires
  /** Must give all of `provides` and need nothing beside `requires`. May be left out when nothing is provided. */
  readonly layer?: (given: {
    readonly config: Config["Type"]
    readonly options: O
  }) => LayerDeclared<Built, Ids<Provides>, Ids<Requires>>
  /** Live contributions may need what is provided and required. */
  readonly contributes?: ReadonlyArray<Declared<"contribution", Adds, Ids<Provides> | Ids<Requires>>>
  /** Hosts, too, may need what is provided and required. */
  readonly hosts?: ReadonlyArray<Declared<"host", Hosts, Ids<Provides> | Ids<Requires>>>
  /** How long the layer, each live contribution and each host may take to start; default 30 seconds. */
  readonly startBudget?: Duration.Input
}

type ErrorsOf<Part> = Part extends Contribution<string, infer E, unknown> | Host<string, infer E, unknown> ? E : never
type OwedBy<Part> = Part extends Contribution<infer Owed, unknown, unknown> ? Owed : never

const noTypes = undefined as never

/** A plugin that provides something has a layer. */
type LayerFor<Provides extends ReadonlyArray<AnyKey>> = Provides extends readonly []
  ? unknown
  : { readonly layer: unknown }

/** Declares a plugin. The result makes instances: `http()`, `sqlite({ dialect })`. */
export const define = <
  const Name extends string,
  const Provides extends ReadonlyArray<AnyKey> = [],
  const Requires extends ReadonlyArray<AnyKey> = [],
  Config extends AnyConfig = Schema.Void,
  Built extends Layer.Any = never,
  Adds extends Contribution<string, unknown, unknown> = never,
  Hosts extends Host<string, unknown, unknown> = never,
  O = void
>(
  spec: Spec<Name, Provides, Requires, Config, O, Built, Adds, Hosts> & LayerFor<Provides>
): Factory<
  O,
  Plugin<
    Name,
    Ids<Provides>,
    Layer.Error<Built> | ErrorsOf<Adds | Hosts>,
    Ids<Requires>,
    Config["Encoded"],
    OwedBy<Adds>,
    Hosts["point"]
  >
> => {
  const { config, contributes = [], hosts = [], layer, name, provides = [], requires = [] } = spec
  // Declared gives the contribution or the host itself, or the call did not compile
  const adds: ReadonlyArray<unknown> = contributes
  const hosted: ReadonlyArray<unknown> = hosts
  const manifest: Manifest = {
    name,
    provides,
    requires,
    config,
    contributes: adds as Manifest["contributes"],
    hosts: hosted as Manifest["hosts"]
  }
  const startBudget = Duration.fromInputUnsafe(spec.startBudget ?? "30 seconds")
  const make = (options: O): Any => ({
    ...manifest,
    replaces: undefined,
    startBudget,
    layer: (decoded) =>
      layer === undefined
        ? Layer.empty
        : layer({ config: decoded, options: spec.options === undefined ? options : (options ?? ({} as O)) }),
    view: (app) => app,
    "~types": noTypes
  })
  return Object.assign(make, { manifest }) as never
}

/**
 * A second instance of a plugin: under another name, with another configuration section, its service under another key.
 * `Plugin.as(sqlite(), "statistics", Database, StatisticsDatabase)`. Where several services clash, apply it for each.
 */
export const as = <
  Name extends string,
  P,
  E,
  R,
  C,
  A extends string,
  H extends string,
  const NewName extends string,
  From extends P,
  To,
  Shape
>(
  plugin: Plugin<Name, P, E, R, C, A, H>,
  name: NewName,
  from: Context.Key<From, Shape>,
  to: Context.Service<To, NoInfer<Shape>>
): Plugin<NewName, Exclude<P, From> | To, E, R, C, A, H> => {
  const rename = (key: AnyKey): AnyKey => (key.key === from.key ? to : key)
  const renamed: Any = {
    ...plugin,
    name,
    provides: plugin.provides.map(rename),
    layer: (config) =>
      // fresh: a layer that is a constant of its module would be shared with the first instance
      Layer.fresh(plugin.layer(config) as Layer.Layer<unknown, unknown, unknown>).pipe(
        Layer.build,
        Effect.map((built) =>
          plugin.provides.reduce<Context.Context<never>>(
            (context, key) =>
              Context.add(context, rename(key), Context.getUnsafe(built, key)) as Context.Context<never>,
            Context.empty()
          )
        ),
        Layer.effectContext
      ),
    view: (app) => {
      const mine = Context.getOrUndefined(app as Context.Context<To>, to)
      return plugin.view(mine === undefined ? app : (Context.add(app, from, mine) as Context.Context<never>))
    }
  }
  return renamed as never
}

/**
 * Says that `by` stands where `base` would: `Plugin.override(sqlite, memoryDatabase())`. `by` must provide every service
 * and host every point of `base`; leave `base` out of the list.
 */
export const override = <Base extends Any, By extends Any>(
  base: Base | ((...options: never) => Base),
  by: StandIn<Base, By>
): By => {
  const { name } = "manifest" in base ? (base as Factory<unknown, Base>).manifest : (base as Base)
  return { ...(by as By), replaces: name }
}

/** Which plugin made a composition fail, and at what it was. */
export const culprit: (cause: Cause.Cause<unknown>) => Culprit | undefined = culpritOf
