/** Accounts as a plugin: keeps them in the app's database, serves the contract, and knows their sessions. */
import * as Health from "@mortise/core/app/Health"
import * as Plugin from "@mortise/core/app/Plugin"
import { AccountStore } from "@mortise/core/auth/AccountStore"
import * as Flows from "@mortise/core/auth/Accounts"
import { ApiTokenStore } from "@mortise/core/auth/ApiTokenStore"
import { Auth } from "@mortise/core/auth/Auth"
import * as Authenticator from "@mortise/core/auth/Authenticator"
import { authenticator } from "@mortise/core/auth/AuthPlugin"
import { Lockout } from "@mortise/core/auth/Lockout"
import { Password } from "@mortise/core/auth/Password"
import * as Session from "@mortise/core/auth/Session"
import { SessionStore } from "@mortise/core/auth/SessionStore"
import * as Migration from "@mortise/core/orm/Migration"
import { Orm } from "@mortise/core/orm/Orm"
import { contract } from "@mortise/core/transport/GatewayPlugin"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Argon2Password from "./Argon2Password.ts"
import { AccountsLive } from "./handlers.ts"
import { accountsNamespace } from "./models.ts"
import * as OrmAccountStore from "./OrmAccountStore.ts"
import * as OrmApiTokenStore from "./OrmApiTokenStore.ts"
import * as OrmSessionStore from "./OrmSessionStore.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const config = Schema.Struct({
  /** Fewest characters of a password; 8 unless given. */
  passwordMinLength: Schema.optionalKey(Count),
  /** Hashes at a time; as many as there are processors unless given. */
  passwordConcurrency: Schema.optionalKey(Count),
  /** Hashes that wait before further ones are refused; 64 unless given. */
  passwordMaxWaiting: Schema.optionalKey(Count),
  /** How often sessions that are over are removed; 600 000 unless given. */
  sweepMillis: Schema.optionalKey(Count)
}).pipe(Schema.withDecodingDefaultKey(Effect.succeed({})))

const DEFAULT_SWEEP_MILLIS = 600_000

/** Removes what is over, as long as the app runs. One that fails is tried again at the next turn. */
const sweeper = (millis: number) =>
  Layer.effectDiscard(
    Session.sweep.pipe(
      Effect.catchTag("AuthUnavailable", (error) => Effect.logWarning("Expired sessions were not removed.", error)),
      Effect.repeat(Schedule.spaced(millis)),
      Effect.forkScoped
    )
  )

/** Whether the tables are there and answer: a look for an account that cannot be. */
const isReadable = ({ byKey }: AccountStore["Service"]) =>
  Effect.mapError(Effect.asVoid(byKey("")), ({ message }) => new Health.HealthProblem({ problem: message }))

/** Needs a database (`Orm`) and `auth()`. Provides what keeps accounts, sessions and API tokens, and hashes passwords. */
export const accounts = Plugin.define({
  name: "accounts",
  config,
  provides: [AccountStore, SessionStore, ApiTokenStore, Password],
  requires: [Orm, Auth, Lockout],
  layer: ({ config }) => {
    const { passwordConcurrency, passwordMaxWaiting, passwordMinLength, sweepMillis } = config
    return Layer.mergeAll(
      OrmAccountStore.layer,
      Layer.provideMerge(sweeper(sweepMillis ?? DEFAULT_SWEEP_MILLIS), OrmSessionStore.layer),
      OrmApiTokenStore.layer,
      Argon2Password.layer({
        ...(passwordMinLength === undefined ? {} : { minLength: passwordMinLength }),
        ...(passwordConcurrency === undefined ? {} : { concurrency: passwordConcurrency }),
        ...(passwordMaxWaiting === undefined ? {} : { maxWaiting: passwordMaxWaiting })
      })
    )
  },
  contributes: [
    Migration.contribute(accountsNamespace),
    authenticator(Authenticator.sessions),
    authenticator(Authenticator.apiTokens),
    authenticator(Authenticator.basic({ verify: Flows.principal })),
    contract(AccountsLive),
    Health.contribute("accounts", Effect.map(AccountStore, isReadable))
  ]
})
