/** Answers to requests: how responders write them, and how they are read. */
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type { Answer, Delivery } from "../Broker.ts"
import * as Event from "../Event.ts"
import { EventPayloadInvalid, HandlerTimeout, ResponderFailed } from "../EventError.ts"

type AnyRequest = Event.Request<string, unknown, unknown, unknown>

const read = (asked: AnyRequest, subject: string, answer: Answer): Effect.Effect<unknown, unknown> => {
  if (answer.outcome === "defect") {
    return Effect.fail(new ResponderFailed({ subject, reason: answer.reason, reference: answer.reference }))
  }
  const decoded = Event.decode(
    answer.outcome === "success" ? asked.success : asked.error,
    subject,
    "reply",
    answer.payload
  )
  if (Result.isFailure(decoded)) return Effect.fail(decoded.failure)
  return answer.outcome === "success" ? Effect.succeed(decoded.success) : Effect.fail(decoded.success)
}

const writer = (asked: AnyRequest, reference: () => string, context: Context.Context<never>) => {
  /** What the asker may know of it, and the rest in the log. */
  const defect = (delivery: Delivery, reason: string, cause: Cause.Cause<unknown>) => {
    const given = reference()
    const told = Effect.annotateLogs(
      Effect.logError(`A responder of "${delivery.subject}" failed (reference ${given})`, cause),
      { reference: given, event: delivery.id, correlation: delivery.correlationId }
    )
    const answer: Answer = { outcome: "defect", reason, reference: given }
    return Effect.andThen(Effect.provideContext(told, context), delivery.reply?.(answer) ?? Effect.void)
  }
  const ended = (delivery: Delivery, exit: Exit.Exit<unknown, unknown>): Effect.Effect<void> => {
    if (Exit.isSuccess(exit)) {
      const encoded = Event.encode(asked.success, delivery.subject, "reply", exit.value)
      if (Result.isFailure(encoded)) return defect(delivery, "its answer does not fit", Cause.fail(encoded.failure))
      return delivery.reply?.({ outcome: "success", payload: encoded.success }) ?? Effect.void
    }
    const found = Cause.findError(exit.cause)
    if (Result.isSuccess(found)) {
      const error = found.success
      if (error instanceof EventPayloadInvalid) return defect(delivery, "the request cannot be read", exit.cause)
      if (error instanceof HandlerTimeout) return defect(delivery, "it took too long", exit.cause)
      const encoded = Event.encode(asked.error, delivery.subject, "reply", error)
      if (Result.isSuccess(encoded))
        return delivery.reply?.({ outcome: "error", payload: encoded.success }) ?? Effect.void
    }
    return defect(delivery, "it broke", exit.cause)
  }
  return {
    ended,
    busy: (delivery: Delivery): Effect.Effect<void> =>
      delivery.reply?.({ outcome: "defect", reason: "it is busy", reference: delivery.id }) ?? Effect.void
  }
}

export const replies = { read, writer }
