import type { Json } from "effect/Schema"
import type { FailureKind } from "../TaskError.ts"

/** Why a run failed, as it stands in the store. */
export interface StoredFailure {
  readonly kind: FailureKind
  readonly message: string
  /** The declared error, encoded. */
  readonly error?: Json
}

/** Longer messages are cut: they are for people, and a store is no place for heap dumps. */
const MAX_MESSAGE = 4000

export const writeFailure = (failure: StoredFailure): string =>
  JSON.stringify({ ...failure, message: failure.message.slice(0, MAX_MESSAGE) })

export const readFailure = (text: string | null): StoredFailure | undefined => {
  if (text === null) return undefined
  try {
    return JSON.parse(text) as StoredFailure
  } catch {
    return { kind: "undecodable", message: "what the store says of this failure is no JSON" }
  }
}
