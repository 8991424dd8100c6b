/** API tokens in the database of the app. */
import { type ApiTokenRow, ApiTokenStore } from "@mortise/core/auth/ApiTokenStore"
import { type Interpreter, Orm } from "@mortise/core/orm/Orm"
import * as Repository from "@mortise/core/orm/Repository"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { dateOf } from "./internal/times.ts"
import { isKeepable, unavailable } from "./internal/unavailable.ts"
import { AccountToken } from "./models.ts"

type Row = typeof AccountToken.Row
const fromRow = (row: Row): ApiTokenRow => ({
  ...row,
  createdAt: row.createdAt.getTime(),
  expiresAt: row.expiresAt?.getTime()
})

export const make = (orm: Interpreter): ApiTokenStore["Service"] => {
  const tokens = Repository.make(AccountToken).over(orm)
  return ApiTokenStore.of({
    insert: (row) =>
      tokens
        .insert({
          ...row,
          createdAt: dateOf(row.createdAt),
          expiresAt: row.expiresAt === undefined ? null : dateOf(row.expiresAt)
        })
        .pipe(Effect.asVoid, unavailable("ApiTokenStore.insert")),
    find: (tokenHash) =>
      Effect.map(tokens.first({ where: { tokenHash } }), (row) => Option.getOrUndefined(Option.map(row, fromRow))).pipe(
        unavailable("ApiTokenStore.find")
      ),
    list: (owner) =>
      Effect.map(tokens.find({ where: { owner }, orderBy: [{ desc: "createdAt" }] }), (rows) => rows.map(fromRow)).pipe(
        unavailable("ApiTokenStore.list")
      ),
    remove: (owner, id) =>
      isKeepable(owner) && isKeepable(id)
        ? Effect.map(tokens.deleteWhere({ owner, id }), (count) => count > 0).pipe(unavailable("ApiTokenStore.remove"))
        : Effect.succeed(false)
  })
}

export const layer: Layer.Layer<ApiTokenStore, never, Orm> = Layer.effect(ApiTokenStore, Effect.map(Orm, make))
