/**
 * Sessions: opaque tokens of 256 bits, of which only the hash is kept.
 *
 * `Session.issue` is the only way to a new one. Every flow that lets somebody in, today's and those to come, goes through
 * it, so that none can forget the lockout or the audit: the class below is not exported, and stores take nothing else.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { AuthenticationFailed, AuthUnavailable } from "./AuthError.ts"
import { failed } from "./AuthError.ts"
import * as AuthEvents from "./AuthEvents.ts"
import { hashToken, isToken, makeId, makeToken } from "./internal/tokens.ts"
import * as Lockout from "./Lockout.ts"
import type { Principal } from "./Principal.ts"
import { type SessionRow, SessionStore } from "./SessionStore.ts"

class IssuedSession {
  // a private name: objects of the same shape are no sessions, and copies are none either
  readonly #issued = true
  readonly row: SessionRow
  constructor(row: SessionRow) {
    this.row = row
  }
  /** What may be shown of it; the connection and the account's list of sessions know it by this. */
  get id(): string {
    return this.row.id
  }
  get principal(): Principal {
    return this.row.principal
  }
  /** Id of the account. */
  get account(): string {
    return this.row.account
  }
  get isIssued(): boolean {
    return this.#issued
  }
}
/** Proof that somebody was let in by `issue`, now or before. */
export type Session = IssuedSession

/** How long sessions last, and how many an account may have. */
export interface Policy {
  /** Unused for so long, it ends. Milliseconds: 14 days. */
  readonly idleMillis: number
  /** It ends after so long in any case. Milliseconds: 90 days. */
  readonly absoluteMillis: number
  /** Sessions of one account; the ones that were not seen for the longest time make room: 50. */
  readonly maxPerAccount: number
}
const DAY = 24 * 60 * 60 * 1000
export const defaultPolicy: Policy = { idleMillis: 14 * DAY, absoluteMillis: 90 * DAY, maxPerAccount: 50 }

/** The policy in force. */
export const SessionPolicy: Context.Reference<Policy> = Context.Reference("@mortise/core/auth/SessionPolicy", {
  defaultValue: () => defaultPolicy
})

/** What every session token begins with. */
export const tokenPrefix = "mses_"
const METHOD = "session"
/** A session that is in use is noted as such no more often than this. */
const TOUCH_MILLIS = 60_000

/** Somebody wants to be let in. */
export interface Attempt<V extends Verified, E, R, E2, R2> extends Lockout.Attempt {
  /** What the client calls itself, for the account's list of sessions. Cut at 200 characters. */
  readonly device?: string
  /** Who it is, and for which account; an `AuthenticationFailed` counts as a failure. Run only where the lockout lets it. */
  readonly verify: Effect.Effect<V, E, R>
  /**
   * Wraps the writing of the session: in a transaction, together with what must still be true then. Fails to take it back.
   */
  readonly commit?: (insert: Effect.Effect<void, AuthUnavailable>, verified: V) => Effect.Effect<void, E2, R2>
}
export interface Verified {
  /** Id of the account that the session belongs to. */
  readonly account: string
  readonly principal: Principal
}

/** A new session and its token, which is shown this once. */
export interface Issued {
  readonly session: Session
  readonly token: Redacted.Redacted<string>
}

/**
 * Lets somebody in: asks the lockout, verifies, writes the session, tells of it. Fails with `locked` where there were too
 * many failures, with what `verify` fails with, and with `AuthUnavailable` where the store does not answer.
 */
export const issue = <V extends Verified, E, R, E2 = AuthUnavailable, R2 = never>(
  attempt: Attempt<V, E, R, E2, R2>
): Effect.Effect<Issued, E | E2 | AuthenticationFailed | AuthUnavailable, R | R2 | Lockout.Lockout | SessionStore> =>
  Effect.gen(function* () {
    const verified = yield* Lockout.attempt(attempt, attempt.verify)
    const store = yield* SessionStore
    const policy = yield* SessionPolicy
    const now = yield* Clock.currentTimeMillis
    const token = makeToken(tokenPrefix)
    const session = new IssuedSession({
      id: makeId(),
      tokenHash: hashToken(token),
      account: verified.account,
      principal: verified.principal,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now + policy.absoluteMillis,
      address: attempt.address,
      // what databases cannot keep is left out: half of a pair of surrogates, and NUL
      device: (attempt.device ?? "").slice(0, 200).toWellFormed().replaceAll("\0", "")
    })
    const insert = store.insert(session)
    yield* attempt.commit === undefined ? insert : attempt.commit(insert, verified)
    yield* makeRoom(session, policy)
    const { address, method } = attempt
    const principal = verified.principal.id
    yield* AuthEvents.publish(() => ({ type: "succeeded", method, principal, address }))
    return { session, token: Redacted.make(token) }
  }).pipe(
    Effect.tapError((error) => {
      if (!isFailure(error)) return Effect.void
      const { account, address, method } = attempt
      return AuthEvents.publish(() => ({ type: "failed", method, reason: error.reason, account, address }))
    })
  )

const isFailure = (error: unknown): error is AuthenticationFailed =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "AuthenticationFailed"

/** Ends the account's sessions beyond the number it may have; the one just issued stays. */
const makeRoom = Effect.fnUntraced(function* (session: Session, { maxPerAccount }: Policy) {
  const store = yield* SessionStore
  const rows = yield* store.list(session.account)
  if (rows.length <= maxPerAccount) return
  const others = rows.filter(({ id }) => id !== session.id).toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)
  yield* ended(
    yield* store.remove(
      session.account,
      others.slice(maxPerAccount - 1).map(({ id }) => id)
    )
  )
})

/**
 * The session of a token. Fails with `unrecognized` where the text is no session token, `invalid` where there is no such
 * session, `expired` where its time is over.
 */
export const verify = (
  token: Redacted.Redacted<string>
): Effect.Effect<Session, AuthenticationFailed | AuthUnavailable, SessionStore> =>
  Effect.gen(function* () {
    const text = Redacted.value(token)
    if (!isToken(tokenPrefix, text)) return yield* failed(METHOD, "unrecognized")
    const store = yield* SessionStore
    const row = yield* store.find(hashToken(text))
    if (row === undefined) return yield* failed(METHOD, "invalid")
    const policy = yield* SessionPolicy
    const now = yield* Clock.currentTimeMillis
    if (!isAlive(row, policy, now)) {
      yield* store.remove(row.account, [row.id])
      return yield* failed(METHOD, "expired")
    }
    // a clock that was set back does not make a session younger
    if (now - row.lastSeenAt > Math.min(TOUCH_MILLIS, policy.idleMillis / 4)) yield* store.touch(row.id, now)
    return new IssuedSession(row)
  })

const isAlive = (row: SessionRow, { idleMillis }: Policy, now: number): boolean =>
  now < row.expiresAt && now - row.lastSeenAt <= idleMillis

/** What an account may see of its sessions. */
export interface SessionInfo {
  readonly id: string
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly expiresAt: number
  readonly address: string
  readonly device: string
}

/** The living sessions of an account, the newest first. */
export const list = (account: string): Effect.Effect<ReadonlyArray<SessionInfo>, AuthUnavailable, SessionStore> =>
  Effect.gen(function* () {
    const rows = yield* (yield* SessionStore).list(account)
    const policy = yield* SessionPolicy
    const now = yield* Clock.currentTimeMillis
    return rows
      .filter((row) => isAlive(row, policy, now))
      .map(({ address, createdAt, device, expiresAt, id, lastSeenAt }) => ({
        id,
        createdAt,
        lastSeenAt,
        expiresAt,
        address,
        device
      }))
  })

/** Ends one session of an account; says whether there was one. Its connections lose their principal at once. */
export const revoke = (account: string, id: string): Effect.Effect<boolean, AuthUnavailable, SessionStore> =>
  Effect.flatMap(SessionStore, (store) =>
    Effect.flatMap(store.remove(account, [id]), (ids) => Effect.as(ended(ids), ids.length > 0))
  )

/** Ends all sessions of an account but `except`; gives how many. */
export const revokeAll = (account: string, except?: string): Effect.Effect<number, AuthUnavailable, SessionStore> =>
  Effect.flatMap(SessionStore, (store) =>
    Effect.flatMap(store.removeAll(account, except), (ids) => Effect.as(ended(ids), ids.length))
  )

const ended = (ids: ReadonlyArray<string>): Effect.Effect<void> =>
  ids.length === 0 ? Effect.void : AuthEvents.publish(() => ({ type: "revoked", ids }))

/** Removes what has expired; gives how many. Sessions that have expired do not let anybody in, swept or not. */
export const sweep: Effect.Effect<number, AuthUnavailable, SessionStore> = Effect.gen(function* () {
  const policy = yield* SessionPolicy
  const now = yield* Clock.currentTimeMillis
  return yield* (yield* SessionStore).sweep(now, now - policy.idleMillis)
})
