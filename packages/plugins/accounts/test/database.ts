/** Databases with the tables of accounts, as the kit takes them. */
import { AccountStore } from "@mortise/core/auth/AccountStore"
import { ApiTokenStore } from "@mortise/core/auth/ApiTokenStore"
import { SessionStore } from "@mortise/core/auth/SessionStore"
import { type Interpreter, Orm } from "@mortise/core/orm/Orm"
import * as Repository from "@mortise/core/orm/Repository"
import type { StoreServices } from "@mortise/core/testing/AuthKit"
import * as Migrations from "@mortise/orm/migrations/Migrations"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { Account, AccountSession, AccountToken, accountsNamespace } from "../src/models.ts"
import * as OrmAccountStore from "../src/OrmAccountStore.ts"
import * as OrmApiTokenStore from "../src/OrmApiTokenStore.ts"
import * as OrmSessionStore from "../src/OrmSessionStore.ts"

export const storesOf = (orm: Interpreter): Context.Context<StoreServices> =>
  Context.make(AccountStore, OrmAccountStore.make(orm)).pipe(
    Context.add(SessionStore, OrmSessionStore.make(orm)),
    Context.add(ApiTokenStore, OrmApiTokenStore.make(orm))
  )

/** Makes the tables. */
export const migrate = (orm: Interpreter) => Effect.provideService(Migrations.up([accountsNamespace]), Orm, orm)

/** All rows, with what is hidden in them. */
export const dumpOf = (orm: Interpreter) =>
  Effect.map(
    Effect.all([
      Repository.make(Account).over(orm).find(),
      Repository.make(AccountSession).over(orm).find(),
      Repository.make(AccountToken).over(orm).find()
    ]),
    (rows) => JSON.stringify(rows)
  )
