/**
 * Extension points: what one plugin adds to another without either importing the other.
 *
 * A `Point` names a place and the type of what goes there. A plugin *contributes* values to it, another *hosts* it and
 * puts them to work. Live contributions are Effects: they run once every layer of the app is built. Static ones are
 * data, readable from a composition of which nothing was started.
 */
import * as Effect from "effect/Effect"

/** A place where plugins add values of type `A`. `Owed` is its name when what is contributed must find a host. */
export interface Point<out Name extends string, in out A, out Owed extends string = Name> {
  readonly name: Name
  readonly owed: Owed | undefined
  readonly "~A": (_: A) => A
}

/** A point that some plugin of the app hosts; a contribution that finds no host does not compile. */
export const point =
  <A>() =>
  <const Name extends string>(name: Name): Point<Name, A> =>
    ({ name, owed: name }) as Point<Name, A>

/** A point that tools read from the composition (commands, docs, generators); it needs no host. */
export const dataPoint =
  <A>() =>
  <const Name extends string>(name: Name): Point<Name, A, never> =>
    ({ name, owed: undefined }) as Point<Name, A, never>

/**
 * A value for a point. `Adds` is the point's name when a host is owed, `E` and `R` are what a live one can fail with and
 * needs.
 */
export interface Contribution<out Adds extends string, out E, out R> {
  readonly point: string
  readonly adds: Adds | undefined
  readonly kind: "static" | "live"
  /** Present when `kind` is `static`. */
  readonly value: unknown
  readonly effect: Effect.Effect<unknown, E, R>
}

/** Adds what `effect` gives to a point. It runs once every layer is built, so it may use all that the plugin declares. */
export const contribute = <Name extends string, A, Owed extends string, E, R>(
  to: Point<Name, A, Owed>,
  effect: Effect.Effect<NoInfer<A>, E, R>
): Contribution<Owed, E, R> => ({ point: to.name, adds: to.owed, kind: "live", value: undefined, effect })

/** Adds data to a point: `Contribution.static(Commands, { name: "seed", … })`. Readable without starting anything. */
const contributeStatic = <Name extends string, A, Owed extends string>(
  to: Point<Name, A, Owed>,
  value: NoInfer<A>
): Contribution<Owed, never, never> => ({
  point: to.name,
  adds: to.owed,
  kind: "static",
  value,
  effect: Effect.succeed(value)
})

export { contributeStatic as static }

/** Marks a contribution as welcome but not needed: it compiles in an app where nobody hosts its point. */
export const optional = <Adds extends string, E, R>(
  contribution: Contribution<Adds, E, R>
): Contribution<never, E, R> => ({ ...contribution, adds: undefined })

/** Takes what was contributed to a point and puts it to work; what it starts belongs to the app's scope. */
export interface Host<out Name extends string, out E, out R> {
  readonly point: Name
  readonly activate: (items: ReadonlyArray<never>, plugins: ReadonlyArray<string>) => Effect.Effect<void, E, R>
}

/**
 * Hosts a point. `activate` gets the items in order of need, then declaration, and beside each the name of the plugin
 * that it came from, for messages. Several plugins may host one point: each gets all items.
 */
export const host = <Name extends string, A, Owed extends string, E, R>(
  at: Point<Name, A, Owed>,
  activate: (items: ReadonlyArray<A>, plugins: ReadonlyArray<string>) => Effect.Effect<void, E, R>
): Host<Name, E, R> => ({ point: at.name, activate })
