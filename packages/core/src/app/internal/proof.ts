/**
 * The proof that a list of plugins fits together, and what the compiler says when it does not.
 *
 * What fits is found in one walk with accumulators; only a list that does not fit is walked again, to put a sentence in
 * the place of each plugin at fault. Both walk by index: a step that cuts a tuple costs 26 instantiations for each
 * plugin left. The check types are naked unions of `Extract`s: wrapped in a tuple they cost 8 for each plugin left.
 */
import type * as Context from "effect/Context"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Contribution, Host } from "../Contribution.ts"
import type { Plugin } from "../Plugin.ts"

/** A service by its key: strings are compared by identity, class types member by member. */
type KeyOf<Service> = Service extends { readonly [Context.ServiceTypeId]: unknown; readonly key: infer Key }
  ? Key
  : Service

/** A service as a person knows it. */
type NameOf<Key> = Key extends string ? `"${Key}"` : "a service without a name"

/** `never` when `T` is one type, else 1. */
type Several<T, All = T> = [T] extends [never] ? 1 : T extends unknown ? ([All] extends [T] ? never : 1) : never

/** `Names` that `Name` repeats; not `never` either when it is no single name and proves nothing. */
type Repeated<Name, Names> = string extends Name ? string : Several<Name> | Extract<Name, Names>

type Fits<
  Ps extends ReadonlyArray<unknown>,
  Names,
  Provided,
  Required,
  Owed,
  Hosted,
  I extends ReadonlyArray<0>
> = I["length"] extends Ps["length"]
  ? Exclude<Required, Provided> | Exclude<Owed, Hosted> extends never
    ? true
    : false
  : Ps[I["length"]] extends Plugin<infer N, infer P, unknown, infer R, unknown, infer A, infer H>
    ? Several<Ps[I["length"]]> | Repeated<N, Names> | Extract<KeyOf<P>, Provided> | Extract<R, P> extends never
      ? Fits<
          Ps,
          Names | N,
          Provided | KeyOf<P>,
          Required | KeyOf<Exclude<R, Scope.Scope>>,
          Owed | A,
          Hosted | H,
          [...I, 0]
        >
      : false
    : false

// --- what the compiler says ----------------------------------------------------------------------------------------

type ProvidedBy<P> = P extends Plugin<string, infer S, unknown, unknown, unknown, string, string> ? KeyOf<S> : never
type HostedBy<P> = P extends Plugin<string, unknown, unknown, unknown, unknown, string, infer H> ? H : never
type NamedBy<P> = P extends { readonly name: infer N } ? N : never

/** Every service with the name and the place of its provider. */
type Providers<Ps extends ReadonlyArray<unknown>> = {
  [I in keyof Ps]: ProvidedBy<Ps[I]> extends infer Key
    ? Key extends unknown
      ? readonly [Key, NamedBy<Ps[I]>, I]
      : never
    : never
}[number]
type Names<Ps extends ReadonlyArray<unknown>> = { [I in keyof Ps]: readonly [NamedBy<Ps[I]>, I] }[number]

/** The entries about `Key` that are not from the place `I`. */
type Elsewhere<Entries, Key, I> = Entries extends readonly [infer K, ...infer _Name, infer J]
  ? K extends Key
    ? J extends I
      ? never
      : Entries
    : never
  : never

type Fault<N extends string, P, R, A, I, All, Provided, Hosted, Named> = string extends N
  ? "✗ keep the type that Plugin.define gives: a plugin whose name is any string proves nothing"
  : [Several<N>] extends [never]
    ? [Elsewhere<All, KeyOf<P>, I>] extends [never]
      ? [Elsewhere<Named, N, I>] extends [never]
        ? [Extract<R, P>] extends [never]
          ? [Exclude<KeyOf<Exclude<R, Scope.Scope>>, Provided>] extends [never]
            ? [Exclude<A, Hosted>] extends [never]
              ? never
              : `✗ plugin "${N}" contributes to ${NameOf<Exclude<A, Hosted>>}, which no plugin hosts`
            : `✗ plugin "${N}" requires ${NameOf<Exclude<KeyOf<Exclude<R, Scope.Scope>>, Provided>>}, which no plugin provides`
          : `✗ plugin "${N}" requires ${NameOf<KeyOf<Extract<R, P>>>}, which only it provides itself`
        : `✗ two plugins are named "${N}": give one another name with Plugin.as`
      : Elsewhere<All, KeyOf<P>, I> extends readonly [infer Key, infer Other extends string, unknown]
        ? `✗ plugin "${N}" provides ${NameOf<Key>}, and so does plugin "${Other}": drop one or rename its service with Plugin.as`
        : never
    : "✗ choose before composing: a plugin of several names proves nothing"

type FaultOf<Head, I, All, Provided, Hosted, Named> = [Several<Head>] extends [never]
  ? Head extends Plugin<infer N, infer P, unknown, infer R, unknown, infer A, string>
    ? Fault<N, P, R, A, I, All, Provided, Hosted, Named>
    : "✗ this is not a plugin: call what Plugin.define gave"
  : "✗ choose before composing: one of several plugins proves nothing"

type OrHead<Problem, Head> = [Problem] extends [never] ? Head : Problem

/** A mapped type and no recursion: the compiler looks into it while the arguments are not all known yet. */
type Explain<Ps extends ReadonlyArray<unknown>, All, Provided, Hosted, Named> = {
  readonly [I in keyof Ps]: OrHead<FaultOf<Ps[I], I, All, Provided, Hosted, Named>, Ps[I]>
}

/** 1 when an argument is `any` or `never`, which every parameter accepts. */
type Opaque<Ps extends ReadonlyArray<unknown>> = {
  [I in keyof Ps]: [Ps[I]] extends [never] ? 1 : 0 extends 1 & Ps[I] ? 1 : never
}[number]

type ProvesNothing = "✗ keep the type that Plugin.define gives: an argument of type any or never proves nothing"

/** The list itself when it fits, else the list with a sentence in the place of each plugin at fault. */
export type Proven<Ps extends ReadonlyArray<unknown>> = number extends Ps["length"]
  ? ReadonlyArray<"✗ list the plugins one by one: a spread array hides what they provide">
  : Fits<Ps, never, never, never, never, never, []> extends true
    ? Ps
    : [Opaque<Ps>] extends [never]
      ? Explain<Ps, Providers<Ps>, ProvidedBy<Ps[number]>, HostedBy<Ps[number]>, Names<Ps>>
      : { readonly [I in keyof Ps]: ProvesNothing }

/** What `compose` gives: a sentence where an argument was accepted because it is `any`. */
export type OrNothing<P, Composed> = 0 extends 1 & P ? ProvesNothing : Composed

type NeedsOf<Part> = Part extends Contribution<string, unknown, infer R> | Host<string, unknown, infer R> ? R : never

/** A contribution or a host when all that it needs is declared, else with a sentence that it is not. */
export type Declared<Kind extends string, Part, Known> = Part extends unknown
  ? // what is needed is not known where the part itself does not compile: that error says enough
    unknown extends NeedsOf<Part>
    ? Part
    : Exclude<NeedsOf<Part>, Known | Scope.Scope> extends never
      ? Part
      : Part &
          `✗ this ${Kind} needs ${NameOf<KeyOf<Exclude<NeedsOf<Part>, Known | Scope.Scope>>>}, which its plugin neither provides nor requires`
  : never

/** A layer when it gives and needs what is declared, else with a sentence that it does not. */
export type LayerDeclared<Built, Provides, Requires> =
  Built extends Layer.Layer<infer Gives, unknown, infer Needs>
    ? Exclude<Needs, Requires | Scope.Scope> extends never
      ? Exclude<Provides, Gives> extends never
        ? Built
        : Built & `✗ this layer does not give ${NameOf<KeyOf<Exclude<Provides, Gives>>>}, which its plugin provides`
      : Built &
          `✗ this layer needs ${NameOf<KeyOf<Exclude<Needs, Requires | Scope.Scope>>>}, which its plugin does not require`
    : never

/** `By` when it can stand for `Base`, else a sentence. */
export type StandIn<Base, By> = [Exclude<ProvidedBy<Base>, ProvidedBy<By>>] extends [never]
  ? [Exclude<HostedBy<Base>, HostedBy<By>>] extends [never]
    ? By
    : `✗ this cannot stand for the other: it does not host ${NameOf<Exclude<HostedBy<Base>, HostedBy<By>>>}`
  : `✗ this cannot stand for the other: it does not provide ${NameOf<Exclude<ProvidedBy<Base>, ProvidedBy<By>>>}`
