import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** What was kept cannot be read, or what is to be kept cannot be written. Nothing is sealed or opened without. */
export class VaultError extends Schema.TaggedError<VaultError>()("VaultError", { message: Schema.String }) {
  readonly code = "SEALED_VAULT"
}

/**
 * Where a client keeps the secrets of its names. Who reads it can read the messages to come, so it is nobody else's: a file
 * with mode 0600 for the terminal, the browser's database for the page.
 */
export interface Vault {
  readonly load: (name: string) => Effect.Effect<string | undefined, VaultError>
  /** As a whole or not at all: what was there stays until the new is there. */
  readonly save: (name: string, text: string) => Effect.Effect<void, VaultError>
}
