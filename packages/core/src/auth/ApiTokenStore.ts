/** Where API tokens are kept. `AuthKit` holds every implementation to this text. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { AuthUnavailable } from "./AuthError.ts"
import type { Principal } from "./Principal.ts"

/** A token as it is kept. Times are milliseconds since the epoch. */
export interface ApiTokenRow {
  readonly id: string
  /** SHA-256 of the token, in hexadecimal digits. */
  readonly tokenHash: string
  /** Id of the account, or of whatever it stands for. */
  readonly owner: string
  /** What its owner calls it. */
  readonly name: string
  readonly principal: Principal
  readonly createdAt: number
  /** Never, where undefined. */
  readonly expiresAt: number | undefined
}

export class ApiTokenStore extends Context.Service<
  ApiTokenStore,
  {
    readonly insert: (row: ApiTokenRow) => Effect.Effect<void, AuthUnavailable>
    readonly find: (tokenHash: string) => Effect.Effect<ApiTokenRow | undefined, AuthUnavailable>
    /** Of one owner, the newest first. */
    readonly list: (owner: string) => Effect.Effect<ReadonlyArray<ApiTokenRow>, AuthUnavailable>
    /** Says whether the owner had it. */
    readonly remove: (owner: string, id: string) => Effect.Effect<boolean, AuthUnavailable>
  }
>()("@mortise/core/auth/ApiTokenStore") {}

/** Keeps tokens in a map, by their hash. */
export const fromMap = (byHash: Map<string, ApiTokenRow>): ApiTokenStore["Service"] =>
  ApiTokenStore.of({
    insert: (row) => Effect.sync(() => void byHash.set(row.tokenHash, row)),
    find: (tokenHash) => Effect.sync(() => byHash.get(tokenHash)),
    list: (owner) =>
      Effect.sync(() =>
        [...byHash.values()].filter((row) => row.owner === owner).toSorted((a, b) => b.createdAt - a.createdAt)
      ),
    remove: (owner, id) =>
      Effect.sync(() => {
        const row = [...byHash.values()].find((one) => one.owner === owner && one.id === id)
        return row !== undefined && byHash.delete(row.tokenHash)
      })
  })

/** Tokens that last as long as the process. */
export const layerMemory: Layer.Layer<ApiTokenStore> = Layer.sync(ApiTokenStore, () => fromMap(new Map()))
