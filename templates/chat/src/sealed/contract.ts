/** How clients find each other's keys. What they seal with them goes as whispers, `chat.whisper`. */
import { Bundle, OneTimePrekey } from "@mortise/core/crypto/Bundle"
import { PublicIdentity } from "@mortise/core/crypto/Identity"
import * as Contract from "@mortise/core/transport/Contract"
import * as Schema from "effect/Schema"
import { Name, NotJoined } from "../contract.ts"

/** One-time prekeys that a client publishes at once, and that the server keeps for it. */
export const maxOneTime = 50

/** Nobody has this name just now. */
export class NotHere extends Schema.TaggedError<NotHere>()("NotHere", { name: Name }) {
  readonly code = "SEALED_NOT_HERE"
  override get message(): string {
    return `There is nobody called ${this.name} here.`
  }
}

/** Whoever has this name has published no keys: a client that seals nothing, or one that has just come. */
export class NoKeys extends Schema.TaggedError<NoKeys>()("NoKeys", { name: Name }) {
  readonly code = "SEALED_NO_KEYS"
  override get message(): string {
    return `${this.name} cannot open sealed messages just now. /plain ${this.name} TEXT sends one that the server can read.`
  }
}

export const Published = Schema.Struct({
  /** Whose keys these are: they may arrive when the connection has another name already. */
  name: Name,
  bundle: Bundle,
  /** None that was published before: each is handed out once. */
  oneTime: Schema.Array(OneTimePrekey).check(Schema.isMaxLength(maxOneTime))
})
export type Published = typeof Published.Type

/** That the server should be given keys: a name was taken, or its one-time prekeys run out. */
export const Wanted = Schema.Struct({ name: Name })

export const Sealed = Contract.make("sealed", {
  requests: {
    /** Lets others seal messages to a name, if this connection still has it; kept until it gives the name back. */
    publish: { payload: Published, error: NotJoined },
    /** For a new session; spends a one-time prekey. */
    bundle: { payload: { name: Name }, success: Bundle, error: Schema.Union([NotJoined, NotHere, NoKeys]) },
    /** Whose keys these are; spends nothing. */
    identity: { payload: { name: Name }, success: PublicIdentity, error: Schema.Union([NotJoined, NotHere, NoKeys]) }
  },
  events: { wanted: { payload: Wanted } }
})
