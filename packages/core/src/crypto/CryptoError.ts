/** What can go wrong with cryptography. Messages never hold keys or plaintexts. */
import * as Schema from "effect/Schema"

/** A key, nonce or length is not what the algorithm takes. Nothing was done. */
export class CryptoInputInvalid extends Schema.TaggedError<CryptoInputInvalid>()("CryptoInputInvalid", {
  algorithm: Schema.String,
  /** For example `a key of 32 bytes, not 31`. */
  expected: Schema.String
}) {
  get code(): string {
    return "CRYPTO_INPUT_INVALID"
  }
  override get message(): string {
    return `${this.algorithm} takes ${this.expected}.`
  }
}

/**
 * What was to be opened does not authenticate: another key, nonce or associated data, or it was changed on the way. Which
 * of them it was cannot be told, and is not.
 */
export class OpenFailed extends Schema.TaggedError<OpenFailed>()("OpenFailed", { algorithm: Schema.String }) {
  get code(): string {
    return "CRYPTO_OPEN_FAILED"
  }
  override get message(): string {
    return `${this.algorithm}: the bytes do not authenticate under this key. They were changed, or sealed with another key, nonce or associated data.`
  }
}

/** The peer's public key gives a secret that everybody knows (a point of low order, RFC 7748 §6.1). */
export class AgreementRefused extends Schema.TaggedError<AgreementRefused>()("AgreementRefused", {
  algorithm: Schema.String
}) {
  get code(): string {
    return "CRYPTO_AGREEMENT_REFUSED"
  }
  override get message(): string {
    return `${this.algorithm}: the peer's public key gives a secret that is known to everybody. Do not talk to this peer.`
  }
}

/** The platform does not have it: WebCrypto outside a secure context, or an old browser. */
export class CryptoUnavailable extends Schema.TaggedError<CryptoUnavailable>()("CryptoUnavailable", {
  algorithm: Schema.String,
  reason: Schema.String
}) {
  get code(): string {
    return "CRYPTO_UNAVAILABLE"
  }
  override get message(): string {
    return `${this.algorithm} is not available here: ${this.reason}. Browsers need a page over https or from localhost.`
  }
}

export type CryptoError = CryptoInputInvalid | OpenFailed | AgreementRefused | CryptoUnavailable
