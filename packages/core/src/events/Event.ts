/**
 * Events and requests that travel on the bus: a subject, a Schema, a version.
 *
 * @example
 * const Joined = Event.make("chat.{room}.joined", { payload: { user: Schema.String } })
 * yield* bus.publish(Joined, { user: "ada" }, { at: { room: "lobby" } })
 * yield* bus.on(Joined, ({ at, payload }) => Effect.log(`${payload.user} joined ${at.room}`))
 */
// Decoders are compiled to code where that is allowed, and interpreted elsewhere.
import "effect/schema/SchemaJITCompiler/enable"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { json } from "../transport/internal/codec.ts"
import { checker } from "../transport/internal/fast/checkJson.ts"
import { FAIL, shapeOf } from "../transport/internal/fast/shape.ts"
import { EventPayloadInvalid } from "./EventError.ts"
import * as Subject from "./Subject.ts"

/** The names between braces in a subject, each with a token to stand there. */
export type Places<S extends string> = { readonly [K in NamesIn<S>]: string }
type NamesIn<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never

/** A Schema that decodes without services, or the fields of a struct. */
export type PayloadSchema = Schema.ConstraintCodec<unknown, unknown, never, never> | Schema.Struct.Fields
export type SchemaOf<S extends PayloadSchema> = S extends Schema.Constraint
  ? S
  : S extends Schema.Struct.Fields
    ? Schema.Struct<S>
    : never

/** Reads and writes one kind of payload. */
export interface PayloadCodec<in out A> {
  readonly encode: (value: A) => Result.Result<unknown, string>
  readonly decode: (encoded: unknown) => Result.Result<A, string>
}

/** A name in a subject, and the token it stands in the place of, from 0. */
export interface Place {
  readonly name: string
  readonly token: number
}

/** An event that can be published and subscribed to. */
export interface Event<out S extends string, in out Payload> {
  readonly _tag: "Event"
  /** As written, with `{name}` where a token varies. */
  readonly subject: S
  /** The subject with `*` in the place of every name. */
  readonly pattern: string
  /** Which token each name stands in the place of. */
  readonly places: ReadonlyArray<Place>
  /** From 1; grows when the payload changes in a way that old subscribers cannot read. */
  readonly version: number
  readonly payload: PayloadCodec<Payload>
}

/** A request that is answered by one reply. */
export interface Request<out S extends string, in out Payload, in out Success, in out Failure>
  extends Omit<Event<S, Payload>, "_tag"> {
  readonly _tag: "EventRequest"
  readonly success: PayloadCodec<Success>
  readonly error: PayloadCodec<Failure>
}

// nearly all succeed, and cost nothing more
const worded = <A>(result: Result.Result<A, Schema.SchemaError>): Result.Result<A, string> =>
  Result.isSuccess(result) ? (result as Result.Success<A, never>) : Result.fail(result.failure.message)

const codecOf = <A>(payload: PayloadSchema): PayloadCodec<A> => {
  const schema = Schema.isSchema(payload) ? payload : Schema.Struct(payload as Schema.Struct.Fields)
  const whole = json(schema)
  const toJson = Schema.encodeUnknownResult(whole)
  const ofJson = Schema.decodeUnknownResult(whole)
  const encode = (value: A): Result.Result<unknown, string> => worded(toJson(value))
  const decode = (encoded: unknown) => worded(ofJson(encoded) as Result.Result<A, Schema.SchemaError>)
  const shape = shapeOf(schema)
  const check = shape && checker(shape)
  if (check === undefined) return { encode, decode }
  // a plain payload is the same in code and in JSON; what is not as expected the parser words
  const passed = <B>(value: unknown): Result.Result<B, string> | undefined => {
    const copy = check(value)
    return copy === FAIL ? undefined : Result.succeed(copy as B)
  }
  return {
    encode: (value) => passed(value) ?? encode(value),
    decode: (encoded) => passed<A>(encoded) ?? decode(encoded)
  }
}

const NAME = /^\{([A-Za-z][A-Za-z0-9_]*)\}$/
const checked = (subject: string, version: number): Pick<Event<string, never>, "pattern" | "places"> => {
  if (!Number.isSafeInteger(version) || version < 1)
    throw new RangeError(`The version of "${subject}" must be 1 or more`)
  const places: Array<Place> = []
  const tokens = subject.split(".").map((token, i) => {
    const name = NAME.exec(token)?.[1]
    if (name === undefined) return token
    if (places.some((place) => place.name === name))
      throw new RangeError(`The subject "${subject}" has the name {${name}} twice`)
    places.push({ name, token: i })
    return "*"
  })
  const wrong = Subject.problem(subject.replaceAll(/\{[A-Za-z][A-Za-z0-9_]*\}/g, "x"))
  if (wrong !== undefined || tokens.some((token) => /[{}]/.test(token)))
    throw new RangeError(`The subject "${subject}" of an event is wrong: ${wrong ?? "{name} has to be a whole token"}`)
  return { pattern: tokens.join("."), places }
}

/** Declares an event. A wrong subject is a mistake in the program and is thrown. */
export const make = <const S extends string, const P extends PayloadSchema>(
  subject: S,
  options: { readonly payload: P; readonly version?: number }
): Event<S, SchemaOf<P>["Type"]> => {
  const version = options.version ?? 1
  return { _tag: "Event", subject, version, ...checked(subject, version), payload: codecOf(options.payload) }
}

/** Declares a request: `Event.request("users.get", { payload: { id: Schema.String }, success: User, error: NotFound })`. */
export const request = <
  const S extends string,
  const P extends PayloadSchema,
  const A extends PayloadSchema,
  const E extends PayloadSchema = typeof Schema.Never
>(
  subject: S,
  options: { readonly payload: P; readonly success: A; readonly error?: E; readonly version?: number }
): Request<S, SchemaOf<P>["Type"], SchemaOf<A>["Type"], SchemaOf<E>["Type"]> => ({
  ...make(subject, options),
  _tag: "EventRequest",
  success: codecOf(options.success),
  error: codecOf(options.error ?? Schema.Never)
})

type Described = Pick<Event<string, never>, "subject" | "places">

/** The subject with `at` in the place of its names. */
export const subjectAt = (
  { places, subject }: Described,
  at: Readonly<Record<string, string>> | undefined
): Result.Result<string, Subject.SubjectInvalid> => {
  if (places.length === 0) return Result.succeed(subject)
  const tokens = subject.split(".") as [string, ...Array<string>]
  for (const { name, token } of places) tokens[token] = at?.[name] ?? ""
  return Subject.join(...tokens)
}

/** What stands in the place of the event's names in `subject`, which matches its pattern. */
export const placesIn = ({ places }: Described, subject: string): Readonly<Record<string, string>> => {
  if (places.length === 0) return nowhere
  const tokens = subject.split(".")
  const found: Record<string, string> = {}
  for (const { name, token } of places) found[name] = tokens[token] ?? ""
  return found
}
const nowhere: Readonly<Record<string, string>> = {}

/** The payload in its encoded form. */
export const encode = <A>(
  codec: PayloadCodec<A>,
  subject: string,
  at: "publish" | "reply",
  value: A
): Result.Result<unknown, EventPayloadInvalid> => {
  const encoded = codec.encode(value)
  return Result.isSuccess(encoded)
    ? (encoded as Result.Success<unknown, never>)
    : Result.fail(new EventPayloadInvalid({ subject, at, issue: encoded.failure }))
}

/** The payload of its encoded form. */
export const decode = <A>(
  codec: PayloadCodec<A>,
  subject: string,
  at: "receive" | "reply",
  encoded: unknown
): Result.Result<A, EventPayloadInvalid> => {
  const decoded = codec.decode(encoded)
  return Result.isSuccess(decoded)
    ? (decoded as Result.Success<A, never>)
    : Result.fail(new EventPayloadInvalid({ subject, at, issue: decoded.failure }))
}
