/** The section `events-nats` of the configuration. */
import * as Subject from "@mortise/core/events/Subject"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const Millis = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const Token = Schema.String.check(
  Schema.makeFilter((text) => text === "" || Subject.problem(text) === undefined || "a subject without wildcards")
)
const Pattern = Schema.String.check(
  Schema.makeFilter((text) => Subject.patternProblem(text) === undefined || "a subject, with * and > if needed")
)
const or = <A>(value: A) => Effect.succeed(value)

/** What is kept in a JetStream stream. */
export const JetStreamConfig = Schema.Struct({
  /** Name of the stream; it is made, or extended by the subjects, when the app starts. */
  stream: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,64}$/)),
  /** What is stored, below the prefix. Subjects of requests must not be among them. */
  subjects: Schema.Array(Pattern).check(Schema.isMinLength(1)),
  /** Deliveries of an event whose handler fails before it becomes a dead letter. */
  maxDeliver: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)).pipe(Schema.withDecodingDefaultKey(or(5))),
  /** How long the server waits for a sign of life before it delivers again; handlers that run give one. */
  ackWaitMillis: Millis.pipe(Schema.withDecodingDefaultKey(or(30_000))),
  /** How long to wait before an event that has failed is delivered again. */
  retryDelayMillis: Millis.pipe(Schema.withDecodingDefaultKey(or(1000))),
  /** Dead letters are stored at this subject, followed by their own. */
  deadLetters: Token.check(Schema.isMinLength(1)).pipe(Schema.withDecodingDefaultKey(or("dead"))),
  storage: Schema.Literals(["file", "memory"]).pipe(Schema.withDecodingDefaultKey(or("file"))),
  /** How many copies a cluster keeps. */
  replicas: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 })).pipe(Schema.withDecodingDefaultKey(or(1))),
  /** Events are removed when the stream has this many bytes; -1 for no bound. */
  maxBytes: Schema.Int.pipe(Schema.withDecodingDefaultKey(or(-1))),
  /** Events are removed when they are this old; 0 for never. */
  maxAgeMillis: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).pipe(Schema.withDecodingDefaultKey(or(0)))
})
export type JetStreamConfig = typeof JetStreamConfig.Type

export const NatsConfig = Schema.Struct({
  /** A list, or one text with commas, as from an environment variable. */
  servers: Schema.Union([Schema.NonEmptyString, Schema.Array(Schema.String).check(Schema.isMinLength(1))]).pipe(
    Schema.withDecodingDefaultKey(or("nats://127.0.0.1:4222"))
  ),
  /** How the connection is called in the server's lists. */
  name: Schema.String.pipe(Schema.withDecodingDefaultKey(or("mortise"))),
  user: Schema.optionalKey(Schema.String),
  password: Schema.optionalKey(Schema.RedactedFromValue(Schema.String)),
  token: Schema.optionalKey(Schema.RedactedFromValue(Schema.String)),
  /** Put before every subject, with a dot: apps on one server that do not know of each other. Empty for none. */
  prefix: Token.pipe(Schema.withDecodingDefaultKey(or(""))),
  connectTimeoutMillis: Millis.pipe(Schema.withDecodingDefaultKey(or(10_000))),
  reconnectWaitMillis: Millis.pipe(Schema.withDecodingDefaultKey(or(2000))),
  /** A connection that does not answer for twice this long is given up. */
  pingIntervalMillis: Millis.pipe(Schema.withDecodingDefaultKey(or(20_000))),
  /** Bytes of events kept while the connection is down, and sent when it is back; at 0 publishing fails meanwhile. */
  bufferBytes: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).pipe(Schema.withDecodingDefaultKey(or(0))),
  /** Publishes what clients do (`mortise.client.…`): NATS does not tell whether somebody listens. */
  clientEvents: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(or(false))),
  jetstream: Schema.optionalKey(JetStreamConfig)
})
export type NatsConfig = typeof NatsConfig.Type

/** The servers of a configuration, one by one. */
export const serversOf = ({ servers }: Pick<NatsConfig, "servers">): Array<string> =>
  (typeof servers === "string" ? servers.split(",") : [...servers]).map((server) => server.trim())
