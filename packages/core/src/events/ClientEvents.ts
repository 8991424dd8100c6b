/**
 * What the gateway and the authenticators tell of clients, as events. They cost nothing as long as nobody subscribes to
 * them; see `EventsPlugin`.
 *
 * @example
 * yield* bus.on(ClientEvents.Disconnected, ({ payload }) => Effect.log(`${payload.connection} left: ${payload.reason}`))
 */
import * as Schema from "effect/Schema"
import * as Event from "./Event.ts"

const client = {
  /** Id of the connection. */
  connection: Schema.String,
  /** Name of the listener. */
  transport: Schema.String,
  /** The peer's address. */
  address: Schema.String
}

/** A connection has said hello and is open. */
export const Connected = Event.make("mortise.client.connected", { payload: client })

/** A connection that was open is closed. */
export const Disconnected = Event.make("mortise.client.disconnected", {
  payload: { ...client, code: Schema.Int, reason: Schema.String }
})

/** A message was accepted, and is about to be handled; without its payload. */
export const MessageReceived = Event.make("mortise.client.message", {
  payload: { ...client, message: Schema.String, kind: Schema.Literals(["request", "signal", "relay"]) }
})

/** Somebody has shown who it is. */
export const AuthenticationSucceeded = Event.make("mortise.auth.succeeded", {
  payload: { method: Schema.String, principal: Schema.String, address: Schema.String }
})

/** Somebody has not. `account` is what was tried, as the client wrote it, where the method knows one. */
export const AuthenticationFailed = Event.make("mortise.auth.failed", {
  payload: {
    method: Schema.String,
    reason: Schema.String,
    account: Schema.optionalKey(Schema.String),
    address: Schema.String
  }
})
