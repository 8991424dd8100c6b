/** The section `health` of the configuration. Everything has a default. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const isPath = (text: string): text is `/${string}` => /^\/[\w./~-]{0,200}$/.test(text)
const path = (standard: `/${string}`) =>
  Schema.String.pipe(
    Schema.refine(isPath, { expected: `a path such as "${standard}"` }),
    Schema.withDecodingDefaultKey(Effect.succeed(standard))
  )
const millis = (least: number, most: number, standard: number) =>
  Schema.Int.check(Schema.isBetween({ minimum: least, maximum: most })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(standard))
  )

/** Who may read a page: this machine, everyone who reaches the port, nobody. */
export type Audience = "loopback" | "everyone" | "nobody"
const isAudience = (text: string): text is Audience => /^(?:loopback|everyone|nobody)$/.test(text)
// any text before decoding: it may come from an environment variable
const audience = Schema.String.pipe(
  Schema.refine(isAudience, { expected: `"loopback", "everyone" or "nobody"` }),
  Schema.withDecodingDefaultKey(Effect.succeed("loopback"))
)

export const HealthConfig = Schema.Struct({
  livePath: path("/live"),
  readyPath: path("/ready"),
  infoPath: path("/info"),
  metricsPath: path("/metrics"),
  infoFor: audience,
  metricsFor: audience,
  /** Time between the end of a check and its next run, in milliseconds: 250. */
  intervalMillis: millis(10, 60_000, 250),
  /** How long a check may take, in milliseconds: 700. Together with the interval less than a second. */
  timeLimitMillis: millis(1, 60_000, 700),
  /**
   * How long `/ready` answers 503 before the app stops to take connections, in milliseconds: 1 000. The time in which
   * a load balancer sees it; part of the app's `drainTimeout`. With 0 the app stops to take connections at once.
   */
  drainDelayMillis: millis(0, 300_000, 1000)
}).pipe(Schema.withDecodingDefaultKey(Effect.succeed({})))
export type HealthConfig = typeof HealthConfig.Type
