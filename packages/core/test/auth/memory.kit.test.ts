import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as AccountStore from "../../src/auth/AccountStore.ts"
import * as ApiTokenStore from "../../src/auth/ApiTokenStore.ts"
import * as SessionStore from "../../src/auth/SessionStore.ts"
import { runAuthKit } from "../../src/testing/vitest.ts"

runAuthKit({
  name: "memory",
  traits: [],
  make: Effect.sync(() => {
    const accounts = new Map<string, AccountStore.AccountRow>()
    const sessions = new Map<string, SessionStore.SessionRow>()
    const tokens = new Map<string, ApiTokenStore.ApiTokenRow>()
    return {
      context: Context.make(AccountStore.AccountStore, AccountStore.fromMap(accounts)).pipe(
        Context.add(SessionStore.SessionStore, SessionStore.fromMap(sessions)),
        Context.add(ApiTokenStore.ApiTokenStore, ApiTokenStore.fromMap(tokens))
      ),
      dump: Effect.sync(() => JSON.stringify([...accounts.values(), ...sessions.values(), ...tokens.values()]))
    }
  })
})
