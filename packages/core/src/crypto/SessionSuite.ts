/**
 * Which primitives a session is made of. Two sides use the highest suite that both have; neither can be talked down to a
 * lower one, because the lists of both are part of what every message is authenticated with.
 */
import * as Context from "effect/Context"

/**
 * X25519, Ed25519, HKDF and HMAC with SHA-256, and XChaCha20-Poly1305 for headers, are the same in every suite. What a
 * number means never changes.
 */
export interface SessionSuite {
  /** 1 to 255, in bundles and first messages; higher is preferred. */
  readonly id: number
  /** Part of every key derivation: keys of two suites have nothing in common. */
  readonly name: string
  /** Encrypts message bodies, under a key of its own for each. */
  readonly body: "chacha20-poly1305" | "aes-256-gcm"
}

export const chacha20: SessionSuite = { id: 1, name: "mortise-session-1", body: "chacha20-poly1305" }

/** The suites of this program; all of them are offered. */
export const SessionSuites: Context.Reference<ReadonlyArray<SessionSuite>> = Context.Reference(
  "@mortise/core/crypto/SessionSuites",
  { defaultValue: (): ReadonlyArray<SessionSuite> => [chacha20] }
)

/** The highest suite in both lists. */
export const highestCommon = (ours: ReadonlyArray<number>, theirs: ReadonlyArray<number>): number | undefined => {
  const common = ours.filter((id) => theirs.includes(id))
  return common.length === 0 ? undefined : Math.max(...common)
}
