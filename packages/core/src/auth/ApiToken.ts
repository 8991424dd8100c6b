/**
 * Tokens for programs: opaque, 256 bits, kept as their hash, with the scopes that they were given. Unlike a session, one
 * is made by somebody who is let in already, and lasts until it is removed or expires.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type ApiTokenRow, ApiTokenStore } from "./ApiTokenStore.ts"
import { type AuthenticationFailed, type AuthUnavailable, failed } from "./AuthError.ts"
import * as AuthEvents from "./AuthEvents.ts"
import { hashToken, isToken, makeId, makeToken } from "./internal/tokens.ts"
import type { Principal } from "./Principal.ts"

/** What every API token begins with. */
export const tokenPrefix = "mtok_"
const METHOD = "apiToken"

export interface Wanted {
  /** Id of the account it belongs to. */
  readonly owner: string
  readonly name: string
  /** Whom it makes its bearer; give it no more scopes than its owner has. */
  readonly principal: Principal
  /** Milliseconds from now; it does not expire where left out. */
  readonly lifetimeMillis?: number
}

export interface Created {
  readonly id: string
  /** Shown this once. */
  readonly token: Redacted.Redacted<string>
}

/** Makes a token. */
export const create = (wanted: Wanted): Effect.Effect<Created, AuthUnavailable, ApiTokenStore> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const token = makeToken(tokenPrefix)
    const { lifetimeMillis, name, owner, principal } = wanted
    const row: ApiTokenRow = {
      id: makeId(),
      tokenHash: hashToken(token),
      owner,
      name: name.slice(0, 200).toWellFormed().replaceAll("\0", ""),
      principal,
      createdAt: now,
      expiresAt: lifetimeMillis === undefined ? undefined : now + lifetimeMillis
    }
    yield* (yield* ApiTokenStore).insert(row)
    return { id: row.id, token: Redacted.make(token) }
  })

/** What is kept of a token. Fails with `unrecognized`, `invalid` or `expired`. */
export const verify = (
  token: Redacted.Redacted<string>
): Effect.Effect<ApiTokenRow, AuthenticationFailed | AuthUnavailable, ApiTokenStore> =>
  Effect.gen(function* () {
    const text = Redacted.value(token)
    if (!isToken(tokenPrefix, text)) return yield* failed(METHOD, "unrecognized")
    const row = yield* (yield* ApiTokenStore).find(hashToken(text))
    if (row === undefined) return yield* failed(METHOD, "invalid")
    const now = yield* Clock.currentTimeMillis
    if (row.expiresAt !== undefined && now >= row.expiresAt) return yield* failed(METHOD, "expired")
    return row
  })

/** What an owner may see of its tokens, the newest first. */
export const list = (
  owner: string
): Effect.Effect<ReadonlyArray<Omit<ApiTokenRow, "tokenHash">>, AuthUnavailable, ApiTokenStore> =>
  Effect.map(
    Effect.flatMap(ApiTokenStore, (store) => store.list(owner)),
    (rows) => rows.map(({ tokenHash: _, ...row }) => row)
  )

/** Ends a token; says whether the owner had it. Its connections lose their principal at once. */
export const revoke = (owner: string, id: string): Effect.Effect<boolean, AuthUnavailable, ApiTokenStore> =>
  Effect.flatMap(ApiTokenStore, (store) => store.remove(owner, id)).pipe(
    Effect.tap((had) => (had ? AuthEvents.publish(() => ({ type: "revoked", ids: [id] })) : Effect.void))
  )
