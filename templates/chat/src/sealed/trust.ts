import { TrustStore, TrustStoreError } from "@mortise/core/crypto/TrustStore"
import * as Effect from "effect/Effect"
import type { State } from "./state.ts"

/** None is forgotten to make room: a forgotten peer could be replaced without anybody noticing. */
const maxTrusted = 2000

/** Trust as a part of the state, so that both are saved together. */
export const trustIn = (get: () => State, set: (state: State) => void): TrustStore["Service"] => {
  const find = (peer: string) => get().trusted.find((one) => one.peer === peer)?.record
  return TrustStore.of({
    find: (peer) => Effect.sync(() => find(peer)),
    remember: (peer, record) =>
      Effect.suspend(() => {
        const known = find(peer)
        if (known !== undefined) return Effect.succeed(known)
        const { trusted, ...state } = get()
        if (trusted.length >= maxTrusted) {
          const message = `The keys of ${maxTrusted} people are remembered; no further one is taken on.`
          return Effect.fail(new TrustStoreError({ reason: "full", message }))
        }
        set({ ...state, trusted: [...trusted, { peer, record }] })
        return Effect.succeed(record)
      }),
    replace: (peer, expected, next) =>
      Effect.sync(() => {
        if (find(peer) !== expected) return false
        const { trusted, ...state } = get()
        set({ ...state, trusted: trusted.map((one) => (one.peer === peer ? { peer, record: next } : one)) })
        return true
      })
  })
}
