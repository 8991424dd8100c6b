/** What can go wrong between a client and its server, beside the errors that the contract declares. */
import * as Schema from "effect/Schema"
import * as Errors from "../app/Errors.ts"
import type { TransportError } from "../transport/Transport.ts"

/** The server answered with a fault: see docs/wire.md §5 for the codes. */
export class RequestFault extends Errors.make<RequestFault>()(
  "RequestFault",
  { component: "client", code: "CLIENT_REQUEST_FAULT", status: 502 },
  {
    /** Full name of the message: `chat.join`. */
    request: Schema.String,
    fault: Schema.String,
    message: Schema.String,
    /** Where in the payload, for `BAD_PAYLOAD`. */
    path: Schema.Array(Schema.String),
    /** What to look for in the server's log, for `INTERNAL`. */
    reference: Schema.UndefinedOr(Schema.String),
    /** When another try makes sense, in milliseconds, for `RATE_LIMITED`. */
    retryAfterMillis: Schema.optionalKey(Schema.Finite)
  }
) {
  /** Where the server has said when. */
  override get retryable(): boolean {
    return this.retryAfterMillis !== undefined
  }
}

/** The server wants to know who is asking, or does not take what was shown: log in, or connect with other credentials. */
export class Unauthenticated extends Errors.make<Unauthenticated>()(
  "Unauthenticated",
  { component: "client", code: "CLIENT_UNAUTHENTICATED", status: 401 },
  {
    /** Full name of the message; `hello` where the credentials of the connection were not taken. */
    request: Schema.String,
    message: Schema.String
  }
) {}

/** The server knows who is asking, and that it may not. */
export class Forbidden extends Errors.make<Forbidden>()(
  "Forbidden",
  { component: "client", code: "CLIENT_FORBIDDEN", status: 403 },
  {
    request: Schema.String,
    message: Schema.String
  }
) {}

/** The connection is closed; what was under way has no answer. */
export class ConnectionClosed extends Errors.make<ConnectionClosed>()(
  "ConnectionClosed",
  { component: "client", code: "CLIENT_CONNECTION_CLOSED", status: 503 },
  {
    closeCode: Schema.Number,
    message: Schema.String
  }
) {}

/** Server and client do not agree on a message; others are not affected. */
export class ContractMismatch extends Errors.make<ContractMismatch>()(
  "ContractMismatch",
  { component: "client", code: "CLIENT_CONTRACT_MISMATCH", status: 502 },
  {
    request: Schema.String,
    message: Schema.String
  }
) {}

/**
 * Nothing was sent: the outgoing queue is at its bound, because the server reads more slowly than this client writes, or the
 * message is larger than a frame may be. Or a stream ended, because its reader fell behind.
 */
export class Overloaded extends Errors.make<Overloaded>()(
  "Overloaded",
  { component: "client", code: "CLIENT_OVERLOADED", status: 503, retryable: true },
  {
    request: Schema.String,
    message: Schema.String
  }
) {}

export type ClientError = RequestFault | ConnectionClosed | ContractMismatch | Overloaded
export type ConnectError = TransportError | ConnectionClosed | RequestFault

/** What a client of a contract with `auth` meets beside `ClientError`. */
export type AuthError = Unauthenticated | Forbidden
