/** Where accounts are kept: names and password hashes. `AuthKit` holds every implementation to this text. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as Errors from "../app/Errors.ts"
import type { AuthUnavailable } from "./AuthError.ts"

/** There is an account of this name, in this or another spelling. */
export class NameTaken extends Errors.make<NameTaken>()(
  "NameTaken",
  { component: "auth", code: "AUTH_NAME_TAKEN", status: 409 },
  {
    name: Schema.String,
    message: Schema.String
  }
) {}
export const nameTaken = (name: string): NameTaken =>
  new NameTaken({ name, message: `There is an account "${name}" already: choose another name` })

export interface AccountRow {
  readonly id: string
  /** As its owner writes it. */
  readonly name: string
  /** The form in which two spellings are equal; unique. */
  readonly nameKey: string
  readonly passwordHash: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export class AccountStore extends Context.Service<
  AccountStore,
  {
    /** Fails with `NameTaken` where the key is in use, also where two insert it at once. */
    readonly insert: (row: AccountRow) => Effect.Effect<void, NameTaken | AuthUnavailable>
    readonly byKey: (nameKey: string) => Effect.Effect<AccountRow | undefined, AuthUnavailable>
    readonly byId: (id: string) => Effect.Effect<AccountRow | undefined, AuthUnavailable>
    /** Changes the hash where it still is `from`; says whether it was. */
    readonly setPassword: (id: string, from: string, to: string) => Effect.Effect<boolean, AuthUnavailable>
    /**
     * Runs an effect so that what it does to this store and to the sessions is done as a whole or not at all, and alone.
     */
    readonly atomically: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | AuthUnavailable, R>
  }
>()("@mortise/core/auth/AccountStore") {}

/** Keeps accounts in a map, by their id. */
export const fromMap = (byId: Map<string, AccountRow>): AccountStore["Service"] => {
  const alone = Semaphore.makeUnsafe(1)
  const byKey = new Map(Array.from(byId.values(), (row) => [row.nameKey, row]))
  const put = (row: AccountRow): void => {
    byId.set(row.id, row)
    byKey.set(row.nameKey, row)
  }
  return AccountStore.of({
    insert: (row) =>
      Effect.suspend(() => {
        if (byKey.has(row.nameKey)) return Effect.fail(nameTaken(row.name))
        put(row)
        return Effect.void
      }),
    byKey: (nameKey) => Effect.sync(() => byKey.get(nameKey)),
    byId: (id) => Effect.sync(() => byId.get(id)),
    setPassword: (id, from, to) =>
      Effect.sync(() => {
        const row = byId.get(id)
        if (row?.passwordHash !== from) return false
        put({ ...row, passwordHash: to })
        return true
      }),
    // nothing in memory fails half way: being alone is all there is to do
    atomically: (effect) => alone.withPermits(1)(Effect.uninterruptible(effect))
  })
}

/** Accounts that last as long as the process. */
export const layerMemory: Layer.Layer<AccountStore> = Layer.sync(AccountStore, () => fromMap(new Map()))
