/**
 * Accounts of Mortise: registration, login and sessions in the app's database. Pages import
 * `@mortise/plugin-accounts/Contract` alone.
 *
 * @example
 * import { accounts } from "@mortise/plugin-accounts"
 * const app = Plugin.compose(gateway(), sqlite(), auth(), accounts(), …)
 */
export { accounts } from "./AccountsPlugin.ts"
export * as Argon2Password from "./Argon2Password.ts"
export * as Contract from "./Contract.ts"
export { Accounts } from "./Contract.ts"
export { Account, AccountSession, AccountToken, accountsNamespace } from "./models.ts"
export * as OrmAccountStore from "./OrmAccountStore.ts"
export * as OrmApiTokenStore from "./OrmApiTokenStore.ts"
export * as OrmSessionStore from "./OrmSessionStore.ts"
