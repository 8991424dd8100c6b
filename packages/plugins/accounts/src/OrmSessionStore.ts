/** Sessions in the database of the app. */
import { type SessionRow, SessionStore } from "@mortise/core/auth/SessionStore"
import { type Interpreter, Orm } from "@mortise/core/orm/Orm"
import * as Repository from "@mortise/core/orm/Repository"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { dateOf } from "./internal/times.ts"
import { isKeepable, unavailable } from "./internal/unavailable.ts"
import { AccountSession } from "./models.ts"

type Row = typeof AccountSession.Row
const fromRow = (row: Row): SessionRow => ({
  ...row,
  createdAt: row.createdAt.getTime(),
  lastSeenAt: row.lastSeenAt.getTime(),
  expiresAt: row.expiresAt.getTime()
})
const toRow = (row: SessionRow): typeof AccountSession.Insert => ({
  ...row,
  createdAt: dateOf(row.createdAt),
  lastSeenAt: dateOf(row.lastSeenAt),
  expiresAt: dateOf(row.expiresAt)
})

export const make = (orm: Interpreter): SessionStore["Service"] => {
  const sessions = Repository.make(AccountSession).over(orm)
  /** Ids of what matches, gone: whatever comes in between is not among them, and stays. */
  const remove = (operation: string, where: Parameters<typeof sessions.deleteWhere>[0]) =>
    orm
      .transaction(
        Effect.gen(function* () {
          const ids = (yield* sessions.find({ where })).map(({ id }) => id)
          if (ids.length > 0) yield* sessions.deleteWhere({ id: { in: ids } })
          return ids
        })
      )
      .pipe(unavailable(operation))
  return SessionStore.of({
    insert: ({ row }) => sessions.insert(toRow(row)).pipe(Effect.asVoid, unavailable("SessionStore.insert")),
    find: (tokenHash) =>
      isKeepable(tokenHash)
        ? Effect.map(sessions.first({ where: { tokenHash } }), (row) =>
            Option.getOrUndefined(Option.map(row, fromRow))
          ).pipe(unavailable("SessionStore.find"))
        : Effect.succeed(undefined),
    touch: (id, lastSeenAt) =>
      sessions
        .updateWhere({ id }, { lastSeenAt: dateOf(lastSeenAt) })
        .pipe(Effect.asVoid, unavailable("SessionStore.touch")),
    list: (account) =>
      isKeepable(account)
        ? Effect.map(sessions.find({ where: { account }, orderBy: [{ desc: "createdAt" }] }), (rows) =>
            rows.map(fromRow)
          ).pipe(unavailable("SessionStore.list"))
        : Effect.succeed([]),
    remove: (account, ids) => {
      const known = ids.filter(isKeepable)
      if (known.length === 0 || !isKeepable(account)) return Effect.succeed([])
      return remove("SessionStore.remove", { account, id: { in: known } })
    },
    removeAll: (account, except) =>
      isKeepable(account)
        ? remove("SessionStore.removeAll", except === undefined ? { account } : { account, id: { ne: except } })
        : Effect.succeed([]),
    sweep: (now, idleSince) =>
      sessions
        .deleteWhere({ or: [{ expiresAt: { lte: dateOf(now) } }, { lastSeenAt: { lt: dateOf(idleSince) } }] })
        .pipe(unavailable("SessionStore.sweep"))
  })
}

export const layer: Layer.Layer<SessionStore, never, Orm> = Layer.effect(SessionStore, Effect.map(Orm, make))
