/**
 * Where sessions are kept. What is inserted is a `Session`, which only `Session.issue` makes; what is found are plain
 * rows. `AuthKit` holds every implementation to this text.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { AuthUnavailable } from "./AuthError.ts"
import type { Principal } from "./Principal.ts"
import type { Session } from "./Session.ts"

/** A session as it is kept. Times are milliseconds since the epoch. The token is not among it, its hash is. */
export interface SessionRow {
  readonly id: string
  /** SHA-256 of the token, in hexadecimal digits. */
  readonly tokenHash: string
  /** Id of the account. */
  readonly account: string
  readonly principal: Principal
  readonly createdAt: number
  readonly lastSeenAt: number
  /** When it ends whatever happens. */
  readonly expiresAt: number
  /** Where it was issued to: an address, and what the client calls itself. */
  readonly address: string
  readonly device: string
}

export class SessionStore extends Context.Service<
  SessionStore,
  {
    /** All of it or nothing, also when the process is killed. */
    readonly insert: (session: Session) => Effect.Effect<void, AuthUnavailable>
    readonly find: (tokenHash: string) => Effect.Effect<SessionRow | undefined, AuthUnavailable>
    /** Notes that it was used. Unknown ids are ignored. */
    readonly touch: (id: string, lastSeenAt: number) => Effect.Effect<void, AuthUnavailable>
    /** Of one account, the newest first. */
    readonly list: (account: string) => Effect.Effect<ReadonlyArray<SessionRow>, AuthUnavailable>
    /** Removes those of `ids` that are the account's; gives the ids of what was removed. */
    readonly remove: (
      account: string,
      ids: ReadonlyArray<string>
    ) => Effect.Effect<ReadonlyArray<string>, AuthUnavailable>
    /** Removes all of an account but `except`; gives their ids. */
    readonly removeAll: (account: string, except?: string) => Effect.Effect<ReadonlyArray<string>, AuthUnavailable>
    /** Removes what expired before `now`, or was last seen before `idleSince`; gives how many. */
    readonly sweep: (now: number, idleSince: number) => Effect.Effect<number, AuthUnavailable>
  }
>()("@mortise/core/auth/SessionStore") {}

/** Keeps sessions in a map, by their hash; what is in it when it is given counts. */
export const fromMap = (byHash: Map<string, SessionRow>): SessionStore["Service"] => {
  const removeWhere = (test: (row: SessionRow) => boolean) =>
    Effect.sync(() => {
      const removed = [...byHash.values()].filter(test)
      for (const { tokenHash } of removed) byHash.delete(tokenHash)
      return removed.map(({ id }) => id)
    })
  return SessionStore.of({
    insert: (session) => Effect.sync(() => void byHash.set(session.row.tokenHash, session.row)),
    find: (tokenHash) => Effect.sync(() => byHash.get(tokenHash)),
    touch: (id, lastSeenAt) =>
      Effect.sync(() => {
        for (const row of byHash.values()) if (row.id === id) byHash.set(row.tokenHash, { ...row, lastSeenAt })
      }),
    list: (account) =>
      Effect.sync(() =>
        [...byHash.values()].filter((row) => row.account === account).toSorted((a, b) => b.createdAt - a.createdAt)
      ),
    remove: (account, ids) => removeWhere((row) => row.account === account && ids.includes(row.id)),
    removeAll: (account, except) => removeWhere((row) => row.account === account && row.id !== except),
    sweep: (now, idleSince) =>
      Effect.map(
        removeWhere((row) => row.expiresAt <= now || row.lastSeenAt < idleSince),
        (ids) => ids.length
      )
  })
}

/** Sessions that last as long as the process. */
export const layerMemory: Layer.Layer<SessionStore> = Layer.sync(SessionStore, () => fromMap(new Map()))
