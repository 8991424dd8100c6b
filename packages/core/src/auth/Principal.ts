/**
 * Whom a caller has shown to be. Authenticators make principals, contracts say which form they ask for
 * (`Contract.make("chat", { auth: { principal: Principal.Principal }, … })`), and handlers read `caller.principal`.
 */
import * as Schema from "effect/Schema"

/** The general form: an id, the scopes it was given, and claims, which are JSON. */
export const Principal = Schema.Struct({
  /** Stable and unique within the app; an account's id, not its name. */
  id: Schema.NonEmptyString,
  /** What it may do, in the words of the app; `requires: ["admin"]` on a message asks for them. */
  scopes: Schema.Array(Schema.String),
  claims: Schema.Record(Schema.String, Schema.Json)
})
export type Principal = typeof Principal.Type

/** A principal without scopes and claims unless they are given. */
export const make = (id: string, about: Partial<Omit<Principal, "id">> = {}): Principal => ({
  id,
  scopes: about.scopes ?? [],
  claims: about.claims ?? {}
})

/**
 * The form of principals whose claims are known: `Principal.withClaims({ name: Schema.String })`. A principal without
 * them is refused with `FORBIDDEN` by contracts that ask for this form.
 */
export const withClaims = <const Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct({
    id: Schema.NonEmptyString,
    scopes: Schema.Array(Schema.String),
    claims: Schema.Struct(fields)
  })

/** The form of principals that accounts have: they are called something. */
export const Named = withClaims({ name: Schema.String })
export type Named = typeof Named.Type

/** Whether a principal has every one of `scopes`. */
export const hasScopes = (principal: Principal, scopes: ReadonlyArray<string>): boolean =>
  scopes.every((scope) => principal.scopes.includes(scope))
