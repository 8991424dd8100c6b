/** The key derivations of X3DH and the Double Ratchet (§3.3 there, and §2.2, §4, §7.2 of the latter), for one suite. */
import * as Effect from "effect/Effect"
import type { SessionSuite } from "../SessionSuite.ts"
import { concat, text } from "./Bytes.ts"
import type { CryptoFault, Primitives } from "./Primitives.ts"

const ZEROS = new Uint8Array(32)
/** X3DH §2.2: F, which keeps the input apart from any encoding of a key. */
const F = new Uint8Array(32).fill(0xff)
const MESSAGE_KEY = Uint8Array.of(1)
const CHAIN_KEY = Uint8Array.of(2)

const split = (bytes: Uint8Array): readonly [Uint8Array, Uint8Array, Uint8Array] => [
  bytes.slice(0, 32),
  bytes.slice(32, 64),
  bytes.slice(64, 96)
]

/** X3DH's secret: the first root key, and the first header keys of the initiator and of the responder. */
export const sessionSecret = (
  primitives: Primitives,
  suite: SessionSuite,
  agreements: ReadonlyArray<Uint8Array>,
  sessionId: Uint8Array
): Effect.Effect<readonly [root: Uint8Array, initiator: Uint8Array, responder: Uint8Array], CryptoFault> =>
  Effect.map(
    primitives.hkdf(concat(F, ...agreements), {
      salt: ZEROS,
      info: concat(text(`${suite.name} start `), sessionId),
      length: 96
    }),
    split
  )

/** KDF_RK_HE. */
export const rootStep = (
  primitives: Primitives,
  suite: SessionSuite,
  root: Uint8Array,
  agreement: Uint8Array
): Effect.Effect<readonly [root: Uint8Array, chainKey: Uint8Array, nextHeaderKey: Uint8Array], CryptoFault> =>
  Effect.map(primitives.hkdf(agreement, { salt: root, info: text(`${suite.name} ratchet`), length: 96 }), split)

/** KDF_CK: HMAC with single bytes, as §7.2 recommends. */
export const chainStep = (
  primitives: Primitives,
  chainKey: Uint8Array
): Effect.Effect<readonly [chainKey: Uint8Array, messageKey: Uint8Array], CryptoFault> =>
  primitives.hmacs(chainKey, CHAIN_KEY, MESSAGE_KEY)
