/**
 * Accounts with passwords: register, log in, change the password, see and end sessions. The flows are here, once, over
 * stores that are contracts; `@mortise/plugin-accounts` keeps them in a database and serves them.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"
import { type AccountRow, AccountStore, type NameTaken, nameTaken } from "./AccountStore.ts"
import { type AuthenticationFailed, type AuthUnavailable, failed } from "./AuthError.ts"
import { nameKey } from "./internal/nameKey.ts"
import { makeId } from "./internal/tokens.ts"
import * as Lockout from "./Lockout.ts"
import { Password, type PasswordRefused } from "./Password.ts"
import * as Principal from "./Principal.ts"
import * as Session from "./Session.ts"
import type { SessionStore } from "./SessionStore.ts"

/** A name that no account may have. */
export class NameRefused extends Errors.make<NameRefused>()(
  "NameRefused",
  { component: "auth", code: "AUTH_NAME_REFUSED", status: 422 },
  {
    message: Schema.String
  }
) {}

/** Where a request comes from. */
export interface From {
  readonly address: string
  /** What the client calls itself, for the list of sessions. */
  readonly device?: string | undefined
}

const METHOD = "accounts"
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{2,49}$/u

const principalOf = ({ id, name }: AccountRow): Principal.Principal => Principal.make(id, { claims: { name } })
const attemptOf = (name: string, { address, device }: From) => ({
  account: nameKey(name),
  address,
  method: METHOD,
  ...(device === undefined ? {} : { device })
})

type Stores = AccountStore | SessionStore
type Refused = AuthenticationFailed | AuthUnavailable

/** Makes an account and lets its owner in. */
export const register = (
  name: string,
  password: Redacted.Redacted<string>,
  from: From
): Effect.Effect<
  Session.Issued,
  Refused | NameRefused | NameTaken | PasswordRefused,
  Stores | Password | Lockout.Lockout
> =>
  Session.issue({
    ...attemptOf(name, from),
    verify: Effect.gen(function* () {
      const shown = name.normalize("NFC")
      if (!NAME.test(shown) || !NAME.test(nameKey(name))) {
        const message = `A name has 3 to 50 letters, digits, ".", "-" and "_", and begins with a letter or a digit`
        return yield* new NameRefused({ message })
      }
      // here, too, and not only where it is inserted: a name that is taken must not pass for a success, which would
      // forget the failures of somebody who guesses its password
      if ((yield* (yield* AccountStore).byKey(nameKey(name))) !== undefined) return yield* nameTaken(shown)
      const passwordHash = yield* (yield* Password).hash(password)
      const createdAt = yield* Clock.currentTimeMillis
      const row: AccountRow = { id: makeId(), name: shown, nameKey: nameKey(name), passwordHash, createdAt }
      return { account: row.id, principal: principalOf(row), row }
    }),
    // account and first session come into being together
    commit: (insert, { row }) =>
      Effect.flatMap(AccountStore, (store) => store.atomically(Effect.andThen(store.insert(row), insert)))
  })

/** The account of a name and a password; both that there is no such account and that the password is wrong are `invalid`. */
const checked = Effect.fnUntraced(function* (name: string, password: Redacted.Redacted<string>) {
  const key = nameKey(name)
  // no store is asked for what no account can be called; the work is the same
  const row = NAME.test(key) ? yield* (yield* AccountStore).byKey(key) : undefined
  const isRight = yield* (yield* Password).verify(password, row?.passwordHash)
  if (row === undefined || !isRight) return yield* failed(METHOD, "invalid", { account: key })
  return row
})

/** Whom a name and a password make, for `Authenticator.basic`; `undefined` where they are wrong. Makes no session. */
export const principal = (
  name: string,
  password: Redacted.Redacted<string>
): Effect.Effect<Principal.Principal | undefined, Refused, AccountStore | Password> =>
  checked(name, password).pipe(
    Effect.map(principalOf),
    Effect.catchIf(
      (error) => error._tag === "AuthenticationFailed" && error.reason === "invalid",
      () => Effect.succeed(undefined)
    )
  )

/** Lets the owner of an account in. */
export const login = (
  name: string,
  password: Redacted.Redacted<string>,
  from: From
): Effect.Effect<Session.Issued, Refused, Stores | Password | Lockout.Lockout> =>
  Effect.gen(function* () {
    let hash = ""
    const issued = yield* Session.issue({
      ...attemptOf(name, from),
      verify: Effect.map(checked(name, password), (row) => {
        hash = row.passwordHash
        return { account: row.id, principal: principalOf(row) }
      }),
      // a password that was changed while this one was checked lets nobody in
      commit: (insert, { account }) =>
        Effect.flatMap(AccountStore, (store) =>
          store.atomically(
            Effect.gen(function* () {
              // written as it is: where it is still so, nobody changes it until the session is written, too
              const isStill = yield* store.setPassword(account, hash, hash)
              if (!isStill) return yield* failed(METHOD, "invalid", { account: nameKey(name) })
              yield* insert
            })
          )
        )
    })
    // the login stands, whatever becomes of this
    yield* Effect.ignore(rehash(issued.session.account, hash, password))
    return issued
  })

/** Makes a hash of yesterday's costs one of today's, unless the password has been changed meanwhile. */
const rehash = Effect.fnUntraced(function* (account: string, hash: string, password: Redacted.Redacted<string>) {
  const passwords = yield* Password
  if (!passwords.needsRehash(hash)) return
  yield* (yield* AccountStore).setPassword(account, hash, yield* passwords.hash(password))
})

/** Changes the password of a session's account, and ends all its other sessions. Gives how many. */
export const changePassword = (
  session: Pick<Session.Session, "id" | "account">,
  current: Redacted.Redacted<string>,
  next: Redacted.Redacted<string>,
  from: From
): Effect.Effect<number, Refused | PasswordRefused, Stores | Password | Lockout.Lockout> =>
  Effect.gen(function* () {
    const store = yield* AccountStore
    const row = yield* store.byId(session.account)
    if (row === undefined) return yield* failed(METHOD, "invalid")
    const wrong = failed(METHOD, "invalid", { account: row.nameKey })
    const passwords = yield* Password
    const check = Effect.flatMap(passwords.verify(current, row.passwordHash), (isRight) =>
      isRight ? Effect.void : Effect.fail(wrong)
    )
    yield* Lockout.attempt({ account: row.nameKey, address: from.address, method: METHOD }, check)
    const hash = yield* passwords.hash(next)
    return yield* store.atomically(
      Effect.gen(function* () {
        if (!(yield* store.setPassword(row.id, row.passwordHash, hash))) return yield* wrong
        return yield* Session.revokeAll(row.id, session.id)
      })
    )
  })
