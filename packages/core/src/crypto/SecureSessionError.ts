/** Why a session does not start, and why a message is not read. What failed has changed nothing: the state stands. */
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"

/** No session was started with a bundle. Get another one; if that fails alike, whoever hands them out changes them. */
export class BundleError extends Errors.make<BundleError>()(
  "BundleError",
  {
    component: "crypto",
    prefix: "BUNDLE",
    reasons: {
      "identity-signature": { status: 400 },
      "prekey-signature": { status: 400 },
      "no-common-suite": { status: 409 },
      "invalid-key": { status: 400 }
    }
  },
  {
    /**
     * `identity-signature`: the two keys of the identity do not belong together. `prekey-signature`: the signed prekey or the
     * list of suites is not what the identity published. `no-common-suite`: the sides have none in common. `invalid-key`: a
     * key is a point of low order, which no honest side has.
     */
    reason: Schema.Literals(["identity-signature", "prekey-signature", "no-common-suite", "invalid-key"]),
    message: Schema.String
  }
) {}

/** A first message starts no session. */
export class SessionStartError extends Errors.make<SessionStartError>()(
  "SessionStartError",
  {
    component: "crypto",
    prefix: "SECURE_SESSION_START",
    reasons: {
      malformed: { status: 400 },
      "identity-signature": { status: 400 },
      "invalid-key": { status: 400 },
      suite: { status: 400 },
      downgrade: { status: 400 },
      "prekey-unknown": { status: 409 },
      replayed: { status: 409 },
      exhausted: { status: 409 },
      altered: { status: 400 }
    }
  },
  {
    /**
     * `malformed`: not a first message. `identity-signature`, `invalid-key`: the keys in it are nobody's. `suite`: it uses one
     * that this side does not have. `downgrade`: both sides have a higher suite than the one in use. `prekey-unknown`: the
     * prekey is spent, rotated away or never was. `replayed`: it started a session already. `exhausted`: the signed prekey
     * has started as many sessions without a one-time prekey as it may; rotate it. `altered`: its message does not
     * authenticate.
     */
    reason: Schema.Literals([
      "malformed",
      "identity-signature",
      "invalid-key",
      "suite",
      "downgrade",
      "prekey-unknown",
      "replayed",
      "exhausted",
      "altered"
    ]),
    message: Schema.String
  }
) {}

/** A message cannot be read, or none can be written. */
export class SecureSessionError extends Errors.make<SecureSessionError>()(
  "SecureSessionError",
  {
    component: "crypto",
    prefix: "SECURE_SESSION",
    reasons: {
      malformed: { status: 400 },
      "other-session": { status: 409 },
      "unknown-key": { status: 400 },
      altered: { status: 400 },
      expired: { status: 410 },
      "too-many-skipped": { status: 409 },
      "invalid-key": { status: 400 },
      suite: { status: 501 },
      "cannot-send": { status: 409 },
      "chain-exhausted": { status: 409 }
    }
  },
  {
    /**
     * `malformed`: too short or of an unknown format. `other-session`: a first message of another session; accept it.
     * `unknown-key`: no key of this session opens its header: it is forged, of another session, from before the chains that
     * are remembered, or one of the sides has lost its state. `altered`: the header is the peer's, the rest is not.
     * `expired`: its key was dropped because it came too late, so whether it was read cannot be told. `too-many-skipped`: more
     * messages before it are missing than keys may be kept. `invalid-key`: the peer sent a point of low order. `suite`: this
     * program does not have the session's suite. `cannot-send`: nothing was read on this side yet. `chain-exhausted`: 2^32
     * messages without an answer.
     */
    reason: Schema.Literals([
      "malformed",
      "other-session",
      "unknown-key",
      "altered",
      "expired",
      "too-many-skipped",
      "invalid-key",
      "suite",
      "cannot-send",
      "chain-exhausted"
    ]),
    message: Schema.String
  }
) {}

/** This very message was read already: a replay, or a transport that delivers twice. */
export class MessageReplayed extends Errors.make<MessageReplayed>()(
  "MessageReplayed",
  { component: "crypto", code: "MESSAGE_REPLAYED", status: 409 },
  {
    /** Number of the message in its chain. */
    number: Schema.Int
  }
) {
  override get message(): string {
    return `Message ${this.number} of its chain was read already. Drop it.`
  }
}

/**
 * The peer has used a number twice, or one beyond the end it had announced, with the session's own keys: its state was
 * restored from an old copy, or somebody else holds a copy. Stop using the session, start a new one, and tell the user.
 */
export class PeerRolledBack extends Errors.make<PeerRolledBack>()(
  "PeerRolledBack",
  { component: "crypto", code: "PEER_ROLLED_BACK", status: 409 },
  {
    number: Schema.Int
  }
) {
  override get message(): string {
    return `The peer used number ${this.number} of a chain again: it runs on an old copy of its state, or somebody else has one. Start a new session.`
  }
}

/** The state that was loaded is older than one that has been in use. Start a new session instead of using it. */
export class SessionRolledBack extends Errors.make<SessionRolledBack>()(
  "SessionRolledBack",
  { component: "crypto", code: "SECURE_SESSION_ROLLED_BACK", status: 500 },
  {
    generation: Schema.Int,
    /** The least that it had to be. */
    expected: Schema.Int
  }
) {
  override get message(): string {
    return `The session was saved at generation ${this.generation}, but ${this.expected} has been in use: an old copy was restored. Start a new session.`
  }
}
