import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Auth, Authenticated } from "../../auth/Auth.ts"
import type { AuthenticationFailed, AuthUnavailable } from "../../auth/AuthError.ts"
import { type Credentials, fromEntries } from "../../auth/Credentials.ts"
import type { Session } from "../../auth/Session.ts"
import type { PeerInfo, Refuse } from "../Transport.ts"
import type { Fault, Meta } from "../Wire.ts"

/** What became of credentials; `now` is the time of day at which they were good. */
export type Asked =
  | { readonly _tag: "Known"; readonly known: Authenticated | undefined; readonly now: number }
  | { readonly _tag: "Refused"; readonly fault: Fault }

/** The one place where the gateway asks who somebody is. */
export class Door {
  readonly auth: Auth["Service"]
  private readonly context: Context.Context<never>

  /** `context` is the app's: who connects brings one of another place. */
  constructor(auth: Auth["Service"], context: Context.Context<never>) {
    this.auth = auth
    this.context = context
  }

  /** The credentials of a hello; undefined where it shows none. */
  shown(meta: Meta | undefined): Credentials | undefined {
    if (meta === undefined) return undefined
    const named = fromEntries(meta)
    return this.auth.concerns(named.keys()) ? named : undefined
  }

  /** Asks; gives how to take the question back. */
  ask(shown: Credentials, peer: PeerInfo, answered: (asked: Asked) => void): () => void {
    const fiber = Effect.runFork(this.question(shown, peer))
    fiber.addObserver((exit) => {
      if (Exit.isSuccess(exit)) answered(exit.value)
      else answered({ _tag: "Refused", fault: broken })
    })
    return () => fiber.interruptUnsafe()
  }

  question(shown: Credentials, peer: PeerInfo): Effect.Effect<Asked> {
    return this.auth.authenticate(shown, peer).pipe(
      Effect.flatMap((known) => Effect.map(Clock.currentTimeMillis, (now): Asked => ({ _tag: "Known", known, now }))),
      Effect.catch((error) => Effect.succeed<Asked>({ _tag: "Refused", fault: faultOf(error) })),
      // it fails closed; a bug in an authenticator lets nobody in either
      Effect.catchDefect((defect) =>
        Effect.as(Effect.logError("An authenticator failed.", defect), { _tag: "Refused", fault: broken } as const)
      ),
      Effect.provideContext(this.context)
    )
  }

  /** What the headers of a connection show; undefined where there is nothing to ask. */
  admission(peer: PeerInfo): Effect.Effect<Asked> | undefined {
    if (!this.auth.asksAll() && !this.auth.concerns(peer.headers.keys())) return undefined
    return this.question(fromEntries(peer.headers), peer)
  }
}

const broken: Fault = { code: "UNAVAILABLE", message: "Nobody can be let in at the moment: try again later" }

/** What a client learns of an error; it holds nothing that helps to guess. */
const faultOf = (error: AuthenticationFailed | AuthUnavailable): Fault => {
  if (error._tag === "AuthUnavailable") return broken
  const { message, retryAfterMillis, status } = error
  if (status !== 429) return { code: "UNAUTHENTICATED", message }
  return { code: "RATE_LIMITED", message, ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }) }
}

const statusOf: { readonly [code in Fault["code"]]?: number } = { UNAUTHENTICATED: 401, RATE_LIMITED: 429 }

/** A refusal as transports say it before a connection stands. */
export const refusalOf = ({ code, message, retryAfterMillis }: Fault): Refuse => ({
  _tag: "Refuse",
  status: statusOf[code] ?? 503,
  reason: message,
  ...(retryAfterMillis === undefined ? {} : { retryAfterMillis })
})

/** A session as the identity of a connection. */
export const authenticatedBy = ({ id, principal, row }: Session): Authenticated => ({
  principal,
  method: "session",
  session: id,
  expiresAt: row.expiresAt
})
