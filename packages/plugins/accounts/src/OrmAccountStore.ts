/** Accounts in the database of the app. */
import { type AccountRow, AccountStore, nameTaken } from "@mortise/core/auth/AccountStore"
import { AuthUnavailable } from "@mortise/core/auth/AuthError"
import { type Interpreter, Orm } from "@mortise/core/orm/Orm"
import * as Repository from "@mortise/core/orm/Repository"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { dateOf } from "./internal/times.ts"
import { unavailable, unavailableBecause } from "./internal/unavailable.ts"
import { Account } from "./models.ts"

type Row = typeof Account.Row
const fromRow = (row: Row): AccountRow => ({ ...row, createdAt: row.createdAt.getTime() })

export const make = (orm: Interpreter): AccountStore["Service"] => {
  const accounts = Repository.make(Account).over(orm)
  return AccountStore.of({
    insert: (row) =>
      accounts.insert({ ...row, createdAt: dateOf(row.createdAt) }).pipe(
        Effect.catchTag("UniqueViolation", () => Effect.fail(nameTaken(row.name))),
        Effect.catchIf(
          (error) => error._tag !== "NameTaken",
          (cause) => unavailable("AccountStore.insert")(Effect.fail(cause))
        ),
        Effect.asVoid
      ),
    byKey: (nameKey) =>
      Effect.map(accounts.first({ where: { nameKey } }), (row) => Option.getOrUndefined(Option.map(row, fromRow))).pipe(
        unavailable("AccountStore.byKey")
      ),
    byId: (id) =>
      Effect.map(accounts.byId(id), (row) => Option.getOrUndefined(Option.map(row, fromRow))).pipe(
        unavailable("AccountStore.byId")
      ),
    setPassword: (id, from, to) =>
      Effect.map(accounts.updateWhere({ id, passwordHash: from }, { passwordHash: to }), (count) => count > 0).pipe(
        unavailable("AccountStore.setPassword")
      ),
    atomically: (effect) =>
      Effect.mapError(orm.transaction(effect), (error) =>
        isOfDatabase(error) ? unavailableBecause("AccountStore.atomically", error) : error
      ) as never
  })
}

/** What a transaction adds to the errors of what runs in it; those of auth pass. */
const isOfDatabase = (error: unknown): error is { readonly code: string; readonly message: string } =>
  !(error instanceof AuthUnavailable) &&
  typeof error === "object" &&
  error !== null &&
  "code" in error &&
  typeof error.code === "string" &&
  error.code.startsWith("ORM_")

export const layer: Layer.Layer<AccountStore, never, Orm> = Layer.effect(AccountStore, Effect.map(Orm, make))
