/**
 * What may be said between a client and a server: one value from which handlers, clients, codecs and documents follow.
 *
 *   requests  client → server, answered once, or with a stream (`stream`), or fed by one (`input`)
 *   calls     server → client, answered once
 *   signals   client → server, unanswered
 *   events    server → client, unanswered
 *   relays    client → server → other clients: bytes that the server never decodes, with a sender that the server stamps
 */

import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Auth } from "../auth/Auth.ts"
import type { Session } from "../auth/Session.ts"
import type { PeerInfo, SendResult } from "./Transport.ts"

type Codec = Schema.ConstraintCodec<unknown, unknown>
type Fields = { readonly [key: string]: Codec }
/** A schema, or the fields of a record. */
export type Shape = Codec | Fields

/**
 * Who may send a message, or hear an event. `required`: whoever has a principal. `optional`: everybody; the handler sees
 * the principal of those who have one. `none`: everybody, and the handler sees no principal. A list of scopes: whoever has
 * a principal with all of them.
 */
export type Requirement = Access | ReadonlyArray<string>
export type Access = "required" | "optional" | "none"

/** What a contract knows of its callers. */
export interface AuthDef {
  /** The form of the principals that handlers see, for example `Principal.Principal`. One of another form is refused. */
  readonly principal: Codec
  /** For messages that do not say `requires`; @default "required" */
  readonly default?: Access
}

/** How handlers of one message share a connection. */
interface Handling {
  /** Who may send it, where the contract has `auth`; what `auth.default` says otherwise. */
  readonly requires?: Requirement
  /**
   * How many of this message one connection may have running at a time. Left out: a connection's messages run one after
   * another, in the order of arrival. Streamed answers do not hold up what follows, whatever this says.
   */
  readonly concurrency?: number
  /** The handler goes on when the connection closes. Left out: it is interrupted. */
  readonly detached?: boolean
}
export interface RequestDef extends Handling {
  readonly payload?: Shape
  readonly success?: Codec
  readonly error?: Codec
  /** The answer is a stream of `success`. */
  readonly stream?: boolean
  /** The client feeds a stream of these, credit by credit. */
  readonly input?: Codec
  /** How long the handler may take, from arrival; the gateway's default otherwise, and for streams none. */
  readonly deadline?: Duration.Input
}
export interface SignalDef extends Handling {
  readonly payload?: Shape
}
export interface EventDef {
  readonly payload?: Shape
  /**
   * What becomes of the event for a client whose queue is full: `disconnect` (the default) closes it with 1013, so that
   * nothing is lost unnoticed; `drop` leaves this event out for that client.
   */
  readonly whenSlow?: "disconnect" | "drop"
  /**
   * Who hears it when it is published, where the contract has `auth`; what `auth.default` says otherwise. What a handler
   * emits to its own caller arrives in any case.
   */
  readonly requires?: Requirement
}
type Defs<D> = { readonly [tag: string]: D }
export interface Spec {
  /** Callers have principals. Left out: everybody may say everything. */
  readonly auth?: AuthDef
  readonly requests?: Defs<RequestDef>
  readonly calls?: Defs<RequestDef>
  readonly signals?: Defs<SignalDef>
  readonly events?: Defs<EventDef>
  readonly relays?: ReadonlyArray<string>
}

type Lift<P> = P extends Codec
  ? P["Type"]
  : P extends Fields
    ? { readonly [K in keyof Schema.Struct<P>["Type"]]: Schema.Struct<P>["Type"][K] }
    : void
/** The type that a definition's payload has in code. */
export type PayloadOf<D> = D extends { readonly payload: infer P } ? Lift<P> : void
export type SuccessOf<D> = D extends { readonly success: infer S extends Codec } ? S["Type"] : void
export type ErrorOf<D> = D extends { readonly error: infer S extends Codec } ? S["Type"] : never
type Group<Sp, K extends keyof Spec> = Sp extends { readonly [P in K]: infer D } ? D : {}
type Tags<Sp, K extends keyof Spec> = keyof Group<Sp, K> & string
type RelayTags<Sp> = Sp extends { readonly relays: ReadonlyArray<infer T extends string> }
  ? string extends T
    ? never
    : T
  : never
type Arguments<P> = [P] extends [void] ? [payload?: void] : [payload: P]

/** One message of a contract, as the gateway, the client and the documents see it. */
export interface Message {
  readonly kind: "request" | "call" | "signal" | "event" | "relay"
  readonly tag: string
  /** Contract and tag: `chat.join`; what travels on the wire. */
  readonly name: string
  /** Absent for messages without data and for relays. */
  readonly payload: Codec | undefined
  /** Absent where the contract has no `auth`. */
  readonly requires?: Requirement
  readonly definition: RequestDef & SignalDef & EventDef
}

/** Names an event together with the type of its payload; for `Rooms.publish`. */
export interface Event<in P> extends Message {
  readonly kind: "event"
  readonly _payload?: (payload: P) => void
}

export interface Contract<Name extends string, Sp extends Spec> {
  readonly name: Name
  readonly spec: Sp
  /** Every message, in order of declaration: requests, calls, signals, events, relays. */
  readonly messages: ReadonlyArray<Message>
  readonly events: { readonly [T in Tags<Sp, "events">]: Event<PayloadOf<Group<Sp, "events">[T]>> }
}
export type Any = Contract<string, Spec>

const kinds = [
  ["requests", "request"],
  ["calls", "call"],
  ["signals", "signal"],
  ["events", "event"]
] as const

const lift = (shape: Shape | undefined): Codec | undefined =>
  shape === undefined
    ? undefined
    : Schema.isSchema(shape)
      ? (shape as Codec)
      : (Schema.Struct(shape as Schema.Struct.Fields) as unknown as Codec)

/** Refuses, in their places, the requirements of a contract that does not say who its callers are. */
type Asked<Sp> = Sp extends { readonly auth: AuthDef }
  ? unknown
  : {
      readonly [K in keyof Sp]: {
        readonly [T in keyof Sp[K]]: Sp[K][T] extends { readonly requires: unknown }
          ? { readonly requires: "✗ a contract without auth knows nobody: declare auth, or leave requires out" }
          : unknown
      }
    }

/**
 * Declares a contract. `name` goes before every message's name on the wire, so that several contracts share a connection.
 * Throws a `TypeError` where a name is empty, has characters other than letters, digits, `-` and `_`, or stands twice.
 */
export const make = <const Name extends string, const Sp extends Spec>(
  name: Name,
  spec: Sp & Asked<Sp>
): Contract<Name, Sp> => {
  const otherwise = spec.auth === undefined ? undefined : (spec.auth.default ?? "required")
  const messages: Array<Message> = []
  const seen = new Set<string>()
  const add = (kind: Message["kind"], tag: string, definition: Message["definition"]): Message => {
    if (!/^[\w-]{1,64}$/.test(tag))
      throw new TypeError(
        `Contract ${name}: ${JSON.stringify(tag)} is no name for a message; use letters, digits, "-" and "_"`
      )
    if (seen.has(tag))
      throw new TypeError(
        `Contract ${name}: "${tag}" is declared twice; requests, signals, events and relays share their names`
      )
    seen.add(tag)
    const requires = otherwise === undefined ? {} : { requires: definition.requires ?? otherwise }
    const message = { kind, tag, name: `${name}.${tag}`, payload: lift(definition.payload), ...requires, definition }
    messages.push(message)
    return message
  }
  if (!/^[\w-]{1,64}$/.test(name))
    throw new TypeError(`${JSON.stringify(name)} is no name for a contract; use letters, digits, "-" and "_"`)
  const events: { [tag: string]: Message } = {}
  for (const [group, kind] of kinds) {
    for (const [tag, definition] of Object.entries(spec[group] ?? {})) {
      const message = add(kind, tag, definition)
      if (kind === "event") events[tag] = message
    }
  }
  for (const tag of spec.relays ?? []) add("relay", tag, {})
  return { name, spec, messages, events: events as unknown as Contract<Name, Sp>["events"] }
}

/** Where a relay goes, decided by the server's handler. */
export interface Delivery {
  /** Ids of the connections that get the bytes; unknown ones are skipped. */
  readonly to: ReadonlyArray<string>
  /** What recipients see as the sender; the sending connection's id otherwise. */
  readonly from?: string
}
/** A relay as its handler sees it: whom the client asked for and how many bytes, never the bytes. */
export interface Relay {
  readonly to: string
  readonly size: number
}

/** What a handler knows of its caller, and how it tells it more than the answer. */
export interface Caller<Sp extends Spec> {
  readonly connection: { readonly id: string; readonly peer: PeerInfo }
  /** Sends an event to this connection alone. */
  readonly emit: <K extends Tags<Sp, "events">>(
    event: K,
    ...payload: Arguments<PayloadOf<Group<Sp, "events">[K]>>
  ) => SendResult
  /** Closes the connection. */
  readonly close: (code: number, reason: string) => void
}

/** What a handler knows and may do where the contract has `auth`. */
export interface AuthCaller {
  /** Id of the session that this connection came by; undefined where it came by other credentials, or none. */
  readonly session: string | undefined
  /** Makes the session's principal the connection's, from the next message on: what a request that signs in ends with. */
  readonly authenticate: (session: Session) => Effect.Effect<void>
  /** Makes the connection nobody's again, from the next message on. */
  readonly signOut: Effect.Effect<void>
}
type PrincipalOf<Sp> = Sp extends { readonly auth: { readonly principal: infer P extends Codec } } ? P["Type"] : never
type RequirementOf<Sp, D> = D extends { readonly requires: infer Q }
  ? Q
  : Sp extends { readonly auth: { readonly default: infer Q } }
    ? Q
    : "required"
type Seen<P, Q> = Q extends "none"
  ? unknown
  : Q extends "optional"
    ? { readonly principal: P | undefined }
    : { readonly principal: P }
/** The caller of one message. */
type CallerOf<Sp extends Spec, D> = Sp extends { readonly auth: AuthDef }
  ? Caller<Sp> & AuthCaller & Seen<PrincipalOf<Sp>, RequirementOf<Sp, D>>
  : Caller<Sp>

type Fed<D> = D extends { readonly input: infer S extends Codec }
  ? readonly [input: Stream.Stream<S["Type"]>]
  : readonly []
type Answer<D, E, R> = D extends { readonly stream: true }
  ? Stream.Stream<SuccessOf<D>, ErrorOf<D> | E, R>
  : Effect.Effect<SuccessOf<D>, ErrorOf<D> | E, R>

/** One function for each request, signal and relay. `unknown` is the place of what handlers need: `implement` infers it. */
export type Handlers<Sp extends Spec> = {
  readonly [T in Tags<Sp, "requests">]: (
    payload: PayloadOf<Group<Sp, "requests">[T]>,
    caller: CallerOf<Sp, Group<Sp, "requests">[T]>,
    ...fed: Fed<Group<Sp, "requests">[T]>
  ) => Answer<Group<Sp, "requests">[T], never, unknown>
} & {
  readonly [T in Tags<Sp, "signals">]: (
    payload: PayloadOf<Group<Sp, "signals">[T]>,
    caller: CallerOf<Sp, Group<Sp, "signals">[T]>
  ) => Effect.Effect<void, never, unknown>
} & {
  readonly [T in RelayTags<Sp>]: (relay: Relay, caller: CallerOf<Sp, {}>) => Effect.Effect<Delivery, never, unknown>
}

type Maybe = { readonly requires: "optional" }
/**
 * What happens when a connection opens (after its hello), gets a principal that the contract takes (at its hello, or by a
 * request that signs in), loses it while it stays open, and closes.
 */
export interface Hooks<Sp extends Spec, R> {
  readonly opened?: (caller: CallerOf<Sp, Maybe>) => Effect.Effect<void, never, R>
  readonly closed?: (caller: CallerOf<Sp, Maybe>) => Effect.Effect<void, never, R>
  readonly authenticated?: (caller: CallerOf<Sp, { readonly requires: "required" }>) => Effect.Effect<void, never, R>
  /** The caller is as it was before. */
  readonly signedOut?: (caller: CallerOf<Sp, { readonly requires: "required" }>) => Effect.Effect<void, never, R>
}

type Needs<H> = {
  [K in keyof H]: H[K] extends (...args: never) => infer O
    ? O extends Effect.Effect<unknown, unknown, infer R>
      ? R
      : O extends Stream.Stream<unknown, unknown, infer R>
        ? R
        : never
    : never
}[keyof H]

/** Handlers for every message of a contract, and the services `R` that they need. */
export interface Implementation<out R> {
  readonly contract: Any
  // the handlers' types are proven by `implement`; here they are of all shapes
  readonly handlers: { readonly [tag: string]: (payload: never, caller: never) => unknown }
  readonly hooks: Hooks<Spec, unknown>
  readonly _R?: () => R
}

// a conditional type, not `Handlers<C["spec"]>`: that would be resolved by C's bound before C is known
type HandlersOf<C> = C extends { readonly spec: infer Sp extends Spec } ? Handlers<Sp> : never
/** Refuses by name the handlers of what the contract does not have. */
type Known<H, Sp> = {
  readonly [K in keyof H]: K extends Tags<Sp, "requests"> | Tags<Sp, "signals"> | RelayTags<Sp> ? unknown : never
}

/** A contract that knows its callers is served where somebody says who they are. */
type AskedOf<Sp> = Sp extends { readonly auth: AuthDef } ? Auth : never

/** Binds handlers to a contract. A missing, superfluous or wrong handler is a compile error that names it. */
export const implement = <
  C extends { readonly name: string; readonly spec: Spec },
  const H extends HandlersOf<C>,
  HR = never
>(
  contract: C,
  handlers: H & Known<H, C["spec"]>,
  hooks?: Hooks<C["spec"], HR>
): Implementation<Needs<H> | HR | AskedOf<C["spec"]>> => ({
  contract: contract as unknown as Any,
  handlers: handlers as unknown as Implementation<never>["handlers"],
  hooks: (hooks ?? {}) as Hooks<Spec, unknown>
})

/** A client of the contract: what it may ask, tell and hear. `E` is what can go wrong on the way. */
export interface Client<Sp extends Spec, E> {
  readonly request: {
    readonly [T in Tags<Sp, "requests">]: (
      ...args: [...Arguments<PayloadOf<Group<Sp, "requests">[T]>>, ...Fed<Group<Sp, "requests">[T]>]
    ) => Answer<Group<Sp, "requests">[T], E, never>
  }
  readonly signal: {
    readonly [T in Tags<Sp, "signals">]: (
      ...args: Arguments<PayloadOf<Group<Sp, "signals">[T]>>
    ) => Effect.Effect<void, E>
  }
  /** Each run of a stream gets the events from then on. */
  readonly events: { readonly [T in Tags<Sp, "events">]: Stream.Stream<PayloadOf<Group<Sp, "events">[T]>, E> }
  readonly relay: {
    /** Sends bytes to `to`; succeeds with the number of connections that took them. */
    readonly [T in RelayTags<Sp>]: (to: string, bytes: Uint8Array) => Effect.Effect<number, E>
  }
  /** Bytes that other clients sent, with the sender that the server vouches for. */
  readonly relayed: {
    readonly [T in RelayTags<Sp>]: Stream.Stream<{ readonly from: string; readonly bytes: Uint8Array }, E>
  }
}
