import * as Schema from "effect/Schema"

const told = {
  "not-joined": "Join a room first: it is under your name there that you write.",
  "not-ready": "The keys for this name are not ready yet. Try again in a moment.",
  yourself: "Nothing is sealed to yourself.",
  "too-long": "This is too long for one private message.",
  "unknown-format": "It was sealed by a newer program.",
  unreadable:
    "There is no key for it: one of you has lost its keys. Write to them, and what they write then can be read.",
  "no-change": "Nobody of this name has shown other keys than before.",
  insecure: "Sealed messages need a page that was loaded over https, or from this machine."
}

/** Why something is not sealed or not opened, beside what `SecureSession` says. */
export class SealingError extends Schema.TaggedError<SealingError>()("SealingError", {
  reason: Schema.Literals([
    "not-joined",
    "not-ready",
    "yourself",
    "too-long",
    "unknown-format",
    "unreadable",
    "no-change",
    "insecure"
  ])
}) {
  get code(): string {
    return `SEALED_${this.reason.toUpperCase().replaceAll("-", "_")}`
  }
  override get message(): string {
    return told[this.reason]
  }
}

/** Somebody shows other keys than before. Nothing is sealed to these, and nothing of them is shown, until a person decides. */
export class KeysChanged extends Schema.TaggedError<KeysChanged>()("KeysChanged", { name: Schema.String }) {
  readonly code = "SEALED_KEYS_CHANGED"
  override get message(): string {
    return `${this.name} shows other keys than before: a new device, or somebody else. /fingerprint ${this.name} shows what to compare with them; /trust ${this.name} goes on with the new keys.`
  }
}
