/** What can go wrong with cryptography. Messages never hold keys or plaintexts. */
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"

/** A key, nonce or length is not what the algorithm takes. Nothing was done. */
export class CryptoInputInvalid extends Errors.make<CryptoInputInvalid>()(
  "CryptoInputInvalid",
  { component: "crypto", code: "CRYPTO_INPUT_INVALID", status: 400 },
  {
    algorithm: Schema.String,
    /** For example `a key of 32 bytes, not 31`. */
    expected: Schema.String
  }
) {
  override get message(): string {
    return `${this.algorithm} takes ${this.expected}.`
  }
}

/**
 * What was to be opened does not authenticate: another key, nonce or associated data, or it was changed on the way. Which
 * of them it was cannot be told, and is not.
 */
export class OpenFailed extends Errors.make<OpenFailed>()(
  "OpenFailed",
  { component: "crypto", code: "CRYPTO_OPEN_FAILED", status: 400 },
  { algorithm: Schema.String }
) {
  override get message(): string {
    return `${this.algorithm}: the bytes do not authenticate under this key. They were changed, or sealed with another key, nonce or associated data.`
  }
}

/** The peer's public key gives a secret that everybody knows (a point of low order, RFC 7748 §6.1). */
export class AgreementRefused extends Errors.make<AgreementRefused>()(
  "AgreementRefused",
  { component: "crypto", code: "CRYPTO_AGREEMENT_REFUSED", status: 400 },
  {
    algorithm: Schema.String
  }
) {
  override get message(): string {
    return `${this.algorithm}: the peer's public key gives a secret that is known to everybody. Do not talk to this peer.`
  }
}

/** The platform does not have it: WebCrypto outside a secure context, or an old browser. */
export class CryptoUnavailable extends Errors.make<CryptoUnavailable>()(
  "CryptoUnavailable",
  { component: "crypto", code: "CRYPTO_UNAVAILABLE", status: 501 },
  {
    algorithm: Schema.String,
    reason: Schema.String
  }
) {
  override get message(): string {
    return `${this.algorithm} is not available here: ${this.reason}. Browsers need a page over https or from localhost.`
  }
}

export type CryptoError = CryptoInputInvalid | OpenFailed | AgreementRefused | CryptoUnavailable
