import { AccountStore } from "@mortise/core/auth/AccountStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { NameRule } from "../chat/points.ts"
import { HistoryUnavailable, NameReserved } from "../contract.ts"

/** A connection that is signed in. */
export interface Owner {
  readonly connection: string
  /** Of the account. */
  readonly name: string
}

/** Who is signed in as whom. Holds one entry for each connection that is, and forgets it when that closes. */
export class Owners extends Context.Service<
  Owners,
  {
    readonly signedIn: (owner: Owner) => Effect.Effect<void>
    readonly signedOut: (connection: string) => Effect.Effect<void>
    readonly owns: (connection: string, name: string) => Effect.Effect<boolean>
    /** A name that belongs to an account is for those who are signed in to it; all others are for everybody. */
    readonly rule: NameRule
  }
>()("mortise-app/accounts/Owners") {}

/** The form in which accounts keep names (`AccountRow.nameKey`): two spellings of one name have the same. */
const nameKey = (name: string): string => name.normalize("NFKC").toLowerCase().normalize("NFKC")

/** Spellings that the chat takes for one name (`Members.keyOf`) are one for accounts as well. */
const isSame = (one: string, other: string): boolean => nameKey(one) === nameKey(other)

const make = Effect.map(AccountStore, (accounts) => {
  const names = new Map<string, string>()
  const owns = (connection: string, name: string): boolean => {
    const own = names.get(connection)
    return own !== undefined && isSame(own, name)
  }
  return Owners.of({
    signedIn: ({ connection, name }) => Effect.sync(() => void names.set(connection, name)),
    signedOut: (connection) => Effect.sync(() => void names.delete(connection)),
    owns: (connection, name) => Effect.sync(() => owns(connection, name)),
    rule: Effect.fnUntraced(
      function* ({ connection, name }) {
        if (owns(connection, name)) return
        if ((yield* accounts.byKey(nameKey(name))) !== undefined) return yield* new NameReserved({ name })
      },
      // while nobody can say whose a name is, it is nobody's
      Effect.catchTag("AuthUnavailable", (error) =>
        Effect.andThen(Effect.logError("accounts are not available", error), Effect.fail(new HistoryUnavailable()))
      )
    )
  })
})

export const layer: Layer.Layer<Owners, never, AccountStore> = Layer.effect(Owners, make)
