/** The handlers of the contract, over the flows of core. */
import * as Flows from "@mortise/core/auth/Accounts"
import type { AuthenticationFailed, AuthUnavailable } from "@mortise/core/auth/AuthError"
import type { PasswordRefused } from "@mortise/core/auth/Password"
import * as Session from "@mortise/core/auth/Session"
import * as Contract from "@mortise/core/transport/Contract"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Accounts, InvalidCredentials, NameTaken, Refused, TryLater, Unavailable } from "./Contract.ts"

/** Logged with its detail; the client learns that it was not its fault. */
const unavailable = (error: AuthUnavailable) =>
  Effect.andThen(
    Effect.logError("Accounts are not available.", error),
    Effect.fail(new Unavailable({ message: "Accounts are not available at the moment: try again later" }))
  )
const failed = ({ message, retryable, retryAfterMillis }: AuthenticationFailed) =>
  retryable
    ? Effect.fail(new TryLater({ message, retryAfterMillis: retryAfterMillis ?? 1000 }))
    : Effect.fail(new InvalidCredentials({ message: "The name or the password is wrong" }))
const passwordRefused = ({ message }: PasswordRefused) => Effect.fail(new Refused({ field: "password", message }))

const loggedIn = ({ session, token }: Session.Issued) => ({
  account: session.account,
  name: String(session.principal.claims["name"] ?? ""),
  session: session.id,
  token: Redacted.value(token)
})
const from = (caller: { readonly connection: { readonly peer: { readonly address: string } } }, device?: string) => ({
  address: caller.connection.peer.address,
  device
})

export const AccountsLive = Contract.implement(Accounts, {
  register: ({ device, name, password }, caller) =>
    Flows.register(name, Redacted.make(password), from(caller, device)).pipe(
      Effect.tap(({ session }) => caller.authenticate(session)),
      Effect.map(loggedIn),
      Effect.catchTags({
        NameRefused: ({ message }) => Effect.fail(new Refused({ field: "name", message })),
        NameTaken: ({ message }) => Effect.fail(new NameTaken({ message })),
        PasswordRefused: passwordRefused,
        // nothing is verified here that could be wrong
        AuthenticationFailed: ({ message, retryAfterMillis }) =>
          Effect.fail(new TryLater({ message, retryAfterMillis: retryAfterMillis ?? 1000 })),
        AuthUnavailable: unavailable
      })
    ),
  login: ({ device, name, password }, caller) =>
    Flows.login(name, Redacted.make(password), from(caller, device)).pipe(
      Effect.tap(({ session }) => caller.authenticate(session)),
      Effect.map(loggedIn),
      Effect.catchTags({ AuthenticationFailed: failed, AuthUnavailable: unavailable })
    ),
  resume: ({ token }, caller) =>
    Session.verify(Redacted.make(token)).pipe(
      Effect.tap(caller.authenticate),
      Effect.map((session) => ({
        account: session.account,
        name: String(session.principal.claims["name"] ?? ""),
        session: session.id
      })),
      Effect.catchTags({
        AuthenticationFailed: ({ message }) => Effect.fail(new InvalidCredentials({ message })),
        AuthUnavailable: unavailable
      })
    ),
  logout: (_, caller) =>
    Effect.gen(function* () {
      if (caller.session !== undefined) yield* Session.revoke(caller.principal.id, caller.session)
      yield* caller.signOut
    }).pipe(Effect.catchTags({ AuthUnavailable: unavailable })),
  changePassword: ({ current, next }, caller) =>
    Flows.changePassword(
      // who came by other credentials than a session keeps none
      { id: caller.session ?? "", account: caller.principal.id },
      Redacted.make(current),
      Redacted.make(next),
      from(caller)
    ).pipe(
      Effect.catchTags({ PasswordRefused: passwordRefused, AuthenticationFailed: failed, AuthUnavailable: unavailable })
    ),
  sessions: (_, { principal, session }) =>
    Effect.map(Session.list(principal.id), (all) =>
      all.map(({ createdAt, expiresAt, lastSeenAt, ...one }) => ({
        ...one,
        isThis: one.id === session,
        createdAt: date(createdAt),
        lastSeenAt: date(lastSeenAt),
        expiresAt: date(expiresAt)
      }))
    ).pipe(Effect.catchTags({ AuthUnavailable: unavailable })),
  revoke: ({ session }, { principal }) =>
    Session.revoke(principal.id, session).pipe(Effect.catchTags({ AuthUnavailable: unavailable })),
  whoami: (_, { principal }) => Effect.succeed({ account: principal.id, name: principal.claims.name })
})

const date = (millis: number) => DateTime.toDateUtc(DateTime.makeUnsafe(millis))
