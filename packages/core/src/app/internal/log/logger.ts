import { types } from "node:util"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { Logger, Options } from "effect/Logger"
import type { LogLevel, Severity } from "effect/LogLevel"
import * as Pipeable from "effect/Pipeable"
import * as References from "effect/References"
import type * as Tracer from "effect/Tracer"
import * as Correlation from "../../../events/Correlation.ts"
import { type Category, categories, type Entry, type ErrorEntry } from "../../LogSink.ts"
import { RequestId } from "../../Reply.ts"
import { Bounded, bounds } from "./bounded.ts"
import type { Registry } from "./Registry.ts"

const known: ReadonlySet<unknown> = new Set(categories)
const isCategory = (value: unknown): value is Category => known.has(value)

/** What an annotation says, else what the level says. */
const categoryOf = (annotations: Readonly<Record<string, unknown>>, level: LogLevel): Category => {
  const given = annotations.category
  if (isCategory(given)) return given
  return level === "Error" || level === "Fatal" ? "error" : "operation"
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A typed error is no bug and needs no stack; an Error without tag and code was thrown by somebody else's code. */
const isForeign = (error: unknown): boolean =>
  types.isNativeError(error) && !("_tag" in error) && typeof (error as { code?: unknown }).code !== "string"

const errorsOf = (cause: Cause.Cause<unknown>, bounded: Bounded): ReadonlyArray<ErrorEntry> => {
  const errors: Array<ErrorEntry> = []
  const seen = new Set<unknown>()
  for (const reason of cause.reasons) {
    if (Cause.isInterruptReason(reason) || errors.length > bounds.causes) continue
    const error = Cause.isFailReason(reason) ? reason.error : reason.defect
    if (seen.has(error)) continue
    seen.add(error)
    errors.push(bounded.error(error, Cause.isDieReason(reason) || isForeign(error)))
  }
  return errors.length === 0 && cause.reasons.length > 0 ? [{ message: "interrupted" }] : errors
}

interface Said {
  readonly text: string
  readonly fields: Record<string, unknown> | undefined
  readonly errors: ReadonlyArray<ErrorEntry>
}

/** `Effect.log("text", error, { key: value }, 42)`: texts and numbers are the message, objects fields. */
const said = (message: unknown, cause: Cause.Cause<unknown>, bounded: Bounded): Said => {
  const parts = Array.isArray(message) ? (message as ReadonlyArray<unknown>) : [message]
  const texts: Array<string> = []
  const errors = [...errorsOf(cause, bounded)]
  let fields: Record<string, unknown> | undefined
  for (const part of parts.slice(0, bounds.width)) {
    if (types.isNativeError(part)) errors.push(bounded.error(part, isForeign(part)))
    else if (isPlain(part)) fields = { ...fields, ...bounded.fields(Object.entries(part), Object.keys(part).length) }
    else {
      const plain = bounded.value(part)
      texts.push(typeof plain === "string" ? plain : (JSON.stringify(plain) ?? String(plain)))
    }
  }
  return { text: texts.join(" "), fields, errors }
}

const spansOf = (fiber: Fiber.Fiber<unknown, unknown>, now: number, bounded: Bounded) => {
  const spans = fiber.getRef(References.CurrentLogSpans).slice(0, bounds.width)
  if (spans.length === 0) return undefined
  return Object.fromEntries(spans.map(([label, began]) => [bounded.text(label, bounds.key), now - began]))
}

/** The line also stands in the running span, as Effect's own logger would have put it, but without secrets. */
const trace = (fiber: Fiber.Fiber<unknown, unknown>, entry: Entry, nanos: bigint): void => {
  const span: Tracer.AnySpan | undefined = fiber.cache.span
  if (span === undefined || span._tag === "ExternalSpan" || span.status._tag === "Ended") return
  const { fields, error, level } = entry
  span.event(entry.message, nanos, {
    ...fields,
    "effect.fiberId": entry.fiber,
    "effect.logLevel": level.toUpperCase(),
    ...(error === undefined ? {} : { "effect.cause": error.message })
  })
}

/** One line as every sink gets it. */
export const entryOf = (
  registry: Registry,
  { cause, date, fiber, logLevel, message }: Options<unknown>,
  category: Category
): Entry => {
  const bounded = new Bounded(registry.secrets)
  const { errors, fields: objects, text } = said(message, cause, bounded)
  const { category: given, ...annotations } = fiber.getRef(References.CurrentLogAnnotations)
  const entries = Object.entries(
    isCategory(given) || given === undefined ? annotations : { ...annotations, category: given }
  )
  const fields = { ...bounded.fields(entries, entries.length), ...objects }
  const [error, ...others] = errors
  if (others.length > 0) fields.errors = others
  const correlationId = fiber.getRef(Correlation.Current)?.correlationId
  const requestId = fiber.getRef(RequestId)
  const spans = spansOf(fiber, date.getTime(), bounded)
  const span = fiber.cache.span
  return {
    time: date.toISOString(),
    // a line never has the levels All and None
    level: logLevel as Severity,
    category,
    message: text,
    ...(Object.keys(fields).length === 0 ? {} : { fields }),
    ...(correlationId === undefined ? {} : { correlationId: bounded.text(correlationId, bounds.key) }),
    ...(requestId === undefined ? {} : { requestId: bounded.text(requestId, bounds.key) }),
    fiber: fiber.id,
    ...(spans === undefined ? {} : { spans }),
    ...(span === undefined ? {} : { traceId: span.traceId, spanId: span.spanId }),
    ...(error === undefined ? {} : { error })
  }
}

const firstText = (message: unknown): string => {
  const first: unknown = Array.isArray(message) ? message[0] : message
  return typeof first === "string" ? first : ""
}

/** What the console has been told in a block of its own, for the other sinks. */
export const crashed = (registry: Registry, title: string, cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Effect.withFiber((fiber) =>
    Effect.map(DateTime.nowAsDate, (date) =>
      registry.write(entryOf(registry, { cause, date, fiber, logLevel: "Fatal", message: title }, "error"), "console")
    )
  )

/**
 * The logger of Effect that hands every line of an app to the sinks of its registry. Not made by `Logger.make`, whose module
 * brings files and streams along.
 */
export class ToSinks extends Pipeable.Class implements Logger<unknown, void> {
  readonly "~effect/Logger" = "~effect/Logger"
  private readonly registry: Registry

  constructor(registry: Registry) {
    super()
    this.registry = registry
  }

  log(options: Options<unknown>): void {
    const { registry } = this
    const { date, fiber, logLevel, message } = options
    const category = categoryOf(fiber.getRef(References.CurrentLogAnnotations), logLevel)
    if (!registry.enabled(category, logLevel)) return
    const suppressed = registry.sampler.take(category, firstText(message), date.getTime())
    if (suppressed < 0) return
    registry.offsetMinutes = date.getTimezoneOffset()
    try {
      const entry = entryOf(registry, options, category)
      registry.write(suppressed === 0 ? entry : { ...entry, suppressed })
      trace(fiber, entry, BigInt(date.getTime()) * 1_000_000n)
    } catch (error) {
      // no value may break the app because it cannot be logged
      registry.complain(`a line could not be logged: ${error instanceof Error ? error.name : typeof error}`)
    }
  }
}
