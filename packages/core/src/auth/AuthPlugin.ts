/** Auth as plugins: `auth()` for every app that knows its callers, and the stores in memory. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Contribution from "../app/Contribution.ts"
import * as Plugin from "../app/Plugin.ts"
import { AccountStore, layerMemory as accountsInMemory } from "./AccountStore.ts"
import { ApiTokenStore, layerMemory as apiTokensInMemory } from "./ApiTokenStore.ts"
import * as Auth from "./Auth.ts"
import * as Authenticator from "./Authenticator.ts"
import * as Lockout from "./Lockout.ts"
import * as NodePassword from "./NodePassword.ts"
import { Password } from "./Password.ts"
import { defaultPolicy, SessionPolicy } from "./Session.ts"
import { SessionStore, layerMemory as sessionsInMemory } from "./SessionStore.ts"

/** Where plugins put the ways to be known; they are tried in the order of the composition. */
export const Authenticators = Contribution.point<Auth.Authenticator>()("auth.authenticators")

/** Adds a way to be known, with the services that the plugin declares: `contributes: [authenticator(Authenticator.sessions)]`. */
export const authenticator = <E, R>(effect: Effect.Effect<Auth.Authenticator, E, R>) =>
  Contribution.contribute(Authenticators, effect)

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const config = Schema.Struct({
  lockout: Schema.Struct({
    free: Schema.optionalKey(Count),
    delayMillis: Schema.optionalKey(Count),
    maxDelayMillis: Schema.optionalKey(Count),
    forgetMillis: Schema.optionalKey(Count),
    maxEntries: Schema.optionalKey(Count)
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  session: Schema.Struct({
    idleMillis: Schema.optionalKey(Count),
    absoluteMillis: Schema.optionalKey(Count),
    maxPerAccount: Schema.optionalKey(Count)
  }).pipe(Schema.withDecodingDefaultKey(Effect.succeed({})))
}).pipe(Schema.withDecodingDefaultKey(Effect.succeed({ lockout: {}, session: {} })))

/**
 * Provides `Auth`, `Lockout`, whose limits are configured under `auth.lockout`, and the policy of sessions, which is under
 * `auth.session`; hosts `Authenticators`.
 */
export const auth = Plugin.define({
  name: "auth",
  config,
  provides: [Auth.Auth, Lockout.Lockout, SessionPolicy],
  layer: ({ config }) =>
    Layer.mergeAll(
      Layer.effect(Auth.Auth, Auth.makeDeferred),
      Lockout.layer(config.lockout),
      Layer.succeed(SessionPolicy, { ...defaultPolicy, ...config.session })
    ),
  hosts: [
    Contribution.host(Authenticators, (authenticators) =>
      Effect.flatMap(Auth.Auth, (auth) => Auth.begin(auth, authenticators))
    )
  ]
})

/**
 * Sessions, API tokens and accounts in memory, with passwords hashed by Node: for trying things out. Nothing outlives the
 * process; `@mortise/plugin-accounts` keeps it in a database.
 */
export const authMemory = Plugin.define({
  name: "auth-memory",
  provides: [SessionStore, ApiTokenStore, AccountStore, Password],
  // hosts the point that this contributes to
  requires: [Auth.Auth],
  layer: () => Layer.mergeAll(sessionsInMemory, apiTokensInMemory, accountsInMemory, NodePassword.layer()),
  contributes: [authenticator(Authenticator.sessions), authenticator(Authenticator.apiTokens)]
})
