/** The tables of accounts, and how they came to be: the namespace `accounts`. */
import { Principal } from "@mortise/core/auth/Principal"
import * as Column from "@mortise/core/orm/Column"
import type * as Migration from "@mortise/core/orm/Migration"
import * as Model from "@mortise/core/orm/Model"
import { migrations } from "./migrations/index.ts"

export const Account = Model.make("accounts", {
  id: Column.Text({ max: 32 }).primaryKey(),
  name: Column.Text({ max: 200 }),
  nameKey: Column.Text({ max: 200 }).unique().hidden(),
  passwordHash: Column.Text({ max: 255 }).hidden(),
  createdAt: Column.DateTime().readonly()
})

/**
 * `account` is no foreign key: sessions are also those of accounts that are kept elsewhere. Their times are those of the
 * session's policy, so the clock of the app sets them.
 */
export const AccountSession = Model.make("account_sessions", {
  id: Column.Text({ max: 32 }).primaryKey(),
  tokenHash: Column.Text({ max: 64 }).unique().hidden(),
  account: Column.Text({ max: 255 }).index(),
  principal: Column.Json(Principal),
  createdAt: Column.DateTime().readonly(),
  lastSeenAt: Column.DateTime().index(),
  expiresAt: Column.DateTime().index(),
  address: Column.Text({ max: 255 }),
  device: Column.Text({ max: 255 })
})

export const AccountToken = Model.make("account_tokens", {
  id: Column.Text({ max: 32 }).primaryKey(),
  tokenHash: Column.Text({ max: 64 }).unique().hidden(),
  owner: Column.Text({ max: 255 }).index(),
  name: Column.Text({ max: 255 }),
  principal: Column.Json(Principal),
  createdAt: Column.DateTime().readonly(),
  expiresAt: Column.DateTime().nullable()
})

/** For databases that are set up without a plugin: `Migrations.up([accountsNamespace])`. */
export const accountsNamespace: Migration.Namespace = {
  namespace: "accounts",
  models: [Account, AccountSession, AccountToken],
  migrations
}
