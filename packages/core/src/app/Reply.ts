/**
 * The standard answer of an HTTP interface or a command: what came of it, when, and under which id the log knows it.
 * Contracts do not need it (their answers have types of their own); people with curl do.
 *
 * ```json
 * { "success": true, "message": "Stored", "data": { "id": 7 }, "timestamp": "2026-01-15T10:30:45.123Z", "request_id": "req-…" }
 * { "success": false, "message": "No such room", "error": { "code": "ROOM_UNKNOWN", "status": 404 }, "timestamp": …, "request_id": … }
 * ```
 *
 * @example
 * const Answer = Reply.Success(Room)                          // a Schema, for docs and clients
 * const body = yield* Reply.success(room, "Found")            // the value, with the time and the id of this request
 * const refused = yield* Reply.failure({ code: "ROOM_UNKNOWN", status: 404, message: "No such room" })
 */
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { describe } from "./Errors.ts"

/** The id of the request that a fiber works on; undefined where none was given: each reply then makes one. */
export const RequestId = Context.Reference<string | undefined>("@mortise/core/app/Reply/RequestId", {
  defaultValue: () => undefined
})

const GIVEN = /^[A-Za-z0-9_-]{1,128}$/

/** Works on a request: with the id that came with it, if it is 1 to 128 letters, digits, dashes and underscores; else with a new one. */
export const withRequestId =
  (given?: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    given !== undefined && GIVEN.test(given)
      ? Effect.provideService(effect, RequestId, given)
      : Effect.flatMap(newId, (id) => Effect.provideService(effect, RequestId, id))

const newId: Effect.Effect<string> = Effect.map(
  Effect.all([Random.nextInt, Random.nextInt]),
  ([a, b]) => `req-${(a >>> 0).toString(16).padStart(8, "0")}${(b >>> 0).toString(16).padStart(8, "0")}`
)

const Stamp = {
  /** ISO 8601 in UTC with milliseconds. */
  timestamp: Schema.String.check(
    Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, {
      expected: "a time such as 2026-01-15T10:30:45.123Z"
    })
  ),
  request_id: Schema.String
}

/** It worked. */
export const Success = <S extends Schema.Constraint>(data: S) =>
  Schema.Struct({ success: Schema.Literal(true), message: Schema.String, data, ...Stamp })

/** It did not. */
export const Failure = Schema.Struct({
  success: Schema.Literal(false),
  /** For people. */
  message: Schema.String,
  error: Schema.Struct({
    /** For programs: stable, `UPPER_SNAKE`. */
    code: Schema.String.check(Schema.isPattern(/^[A-Z][A-Z0-9_]*$/, { expected: "a code such as ROOM_UNKNOWN" })),
    /** The HTTP status that goes with it. */
    status: Schema.Int.check(Schema.isBetween({ minimum: 400, maximum: 599 })),
    /** What else there is to know, such as the fields that were wrong. */
    details: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
  }),
  ...Stamp
})
export type Failure = typeof Failure.Type

/** Where in a list a page is; pages count from 1. */
export const Pagination = Schema.Struct({
  page: Schema.Int,
  page_size: Schema.Int,
  total: Schema.Int,
  total_pages: Schema.Int,
  has_next: Schema.Boolean,
  has_prev: Schema.Boolean
})
export type Pagination = typeof Pagination.Type

/** One page of a list. */
export const Page = <S extends Schema.Constraint>(item: S) =>
  Schema.Struct({
    success: Schema.Literal(true),
    message: Schema.String,
    data: Schema.Array(item),
    pagination: Pagination,
    ...Stamp
  })

interface Stamped {
  readonly timestamp: string
  readonly request_id: string
}
export interface SuccessReply<A> extends Stamped {
  readonly success: true
  readonly message: string
  readonly data: A
}
export interface PageReply<A> extends Stamped {
  readonly success: true
  readonly message: string
  readonly data: ReadonlyArray<A>
  readonly pagination: Pagination
}

/** Now, and the id of the request, behind everything else. */
const stamped = <A extends object>(reply: A): Effect.Effect<A & Stamped> =>
  Effect.gen(function* () {
    const now = yield* DateTime.now
    const request_id = (yield* RequestId) ?? (yield* newId)
    return { ...reply, timestamp: DateTime.formatIso(now), request_id }
  })

export const success = <A>(data: A, message = "OK"): Effect.Effect<SuccessReply<A>> =>
  stamped({ success: true, message, data })

export interface FailureOptions {
  readonly code: string
  /** 500 unless given. */
  readonly status?: number
  readonly message: string
  readonly details?: { readonly [name: string]: Schema.Json }
}
export const failure = ({ code, details, message, status = 500 }: FailureOptions): Effect.Effect<Failure> =>
  stamped({
    success: false,
    message,
    error: { code, status, ...(details === undefined ? {} : { details }) }
  } as const)

const excuse = { later: "Not possible just now: try again later", never: "Something went wrong here" }

/**
 * The failure that tells of an error: its code and its status, and its message where whoever asked can do something about
 * it (below 500). What went wrong on this side is told to the log, under the id of the request, and not to the caller.
 *
 * @example
 * const answer = yield* Effect.matchEffect(findRoom(id), { onSuccess: Reply.success, onFailure: Reply.fromError })
 */
export const fromError = (error: unknown): Effect.Effect<Failure> => {
  const described = describe(error)
  const { code, message, retryable, status } = described
  if (status < 500) return failure({ code, status, message })
  return Effect.tap(failure({ code, status, message: retryable ? excuse.later : excuse.never }), ({ request_id }) =>
    Effect.logError("A request failed.", described).pipe(Effect.annotateLogs({ request_id }))
  )
}

export interface PageOptions {
  /** From 1. */
  readonly page: number
  readonly pageSize: number
  /** Items of all pages. */
  readonly total: number
  readonly message?: string
}
/** Throws a `RangeError` for a page or a size below 1, or a total below 0. */
export const page = <A>(
  items: ReadonlyArray<A>,
  { message = "OK", page, pageSize, total }: PageOptions
): Effect.Effect<PageReply<A>> => {
  for (const [name, value, least] of [
    ["page", page, 1],
    ["pageSize", pageSize, 1],
    ["total", total, 0]
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(`${name} must be a whole number of at least ${least}`)
  }
  const total_pages = Math.ceil(total / pageSize)
  const pagination = {
    page,
    page_size: pageSize,
    total,
    total_pages,
    has_next: page < total_pages,
    has_prev: page > 1 && total > 0
  }
  return stamped({ success: true, message, data: items, pagination } as const)
}
