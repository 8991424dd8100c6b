/** What the kit of auth runs over, and what a case of it is. */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { AccountStore } from "../../auth/AccountStore.ts"
import type { ApiTokenStore } from "../../auth/ApiTokenStore.ts"
import type { SessionStore } from "../../auth/SessionStore.ts"

export type StoreServices = AccountStore | SessionStore | ApiTokenStore

/** Stores of one kind, empty. */
export interface Stores {
  readonly context: Context.Context<StoreServices>
  /** Everything they keep, as text: what somebody has who steals it. */
  readonly dump: Effect.Effect<string, unknown>
  /** The same data seen by another process, or by this one after a restart; with the trait `durable`. */
  readonly reopen?: Effect.Effect<Context.Context<StoreServices>, unknown, Scope.Scope>
  /** From here to the end of the scope nothing answers; with the trait `breaks`. */
  readonly break?: Effect.Effect<void, unknown, Scope.Scope>
}

export type AuthTrait = "durable" | "breaks"

export interface AuthHarness {
  readonly name: string
  readonly traits: ReadonlyArray<AuthTrait>
  readonly make: Effect.Effect<Stores, unknown, Scope.Scope>
}

export interface AuthCase {
  /** The behaviour, as a sentence. */
  readonly name: string
  readonly needs?: ReadonlyArray<AuthTrait>
  readonly run: (harness: AuthHarness) => Effect.Effect<void, unknown, Scope.Scope>
}

/** What a case needs and the harness does not have. */
export const missing = (testCase: AuthCase, harness: AuthHarness): ReadonlyArray<AuthTrait> =>
  (testCase.needs ?? []).filter((trait) => !harness.traits.includes(trait))
