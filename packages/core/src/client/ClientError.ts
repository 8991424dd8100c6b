/** What can go wrong between a client and its server, beside the errors that the contract declares. */
import * as Schema from "effect/Schema"
import type { TransportError } from "../transport/Transport.ts"

/** The server answered with a fault: see docs/wire.md §5 for the codes. */
export class RequestFault extends Schema.TaggedError<RequestFault>()("RequestFault", {
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
}) {
  readonly code = "CLIENT_REQUEST_FAULT"
}

/** The server wants to know who is asking, or does not take what was shown: log in, or connect with other credentials. */
export class Unauthenticated extends Schema.TaggedError<Unauthenticated>()("Unauthenticated", {
  /** Full name of the message; `hello` where the credentials of the connection were not taken. */
  request: Schema.String,
  message: Schema.String
}) {
  readonly code = "CLIENT_UNAUTHENTICATED"
}

/** The server knows who is asking, and that it may not. */
export class Forbidden extends Schema.TaggedError<Forbidden>()("Forbidden", {
  request: Schema.String,
  message: Schema.String
}) {
  readonly code = "CLIENT_FORBIDDEN"
}

/** The connection is closed; what was under way has no answer. */
export class ConnectionClosed extends Schema.TaggedError<ConnectionClosed>()("ConnectionClosed", {
  closeCode: Schema.Number,
  message: Schema.String
}) {
  readonly code = "CLIENT_CONNECTION_CLOSED"
}

/** Server and client do not agree on a message; others are not affected. */
export class ContractMismatch extends Schema.TaggedError<ContractMismatch>()("ContractMismatch", {
  request: Schema.String,
  message: Schema.String
}) {
  readonly code = "CLIENT_CONTRACT_MISMATCH"
}

/** The connection's outgoing queue is at its bound: the server reads more slowly than this client writes. */
export class Overloaded extends Schema.TaggedError<Overloaded>()("Overloaded", {
  request: Schema.String,
  message: Schema.String
}) {
  readonly code = "CLIENT_OVERLOADED"
}

export type ClientError = RequestFault | ConnectionClosed | ContractMismatch | Overloaded
export type ConnectError = TransportError | ConnectionClosed | RequestFault

/** What a client of a contract with `auth` meets beside `ClientError`. */
export type AuthError = Unauthenticated | Forbidden
