import { type Answer, type Delivery, type Settlement, unread } from "@mortise/core/events/Broker"
import type { MsgHdrs } from "@nats-io/nats-core"
import type * as Effect from "effect/Effect"
import { type Parsed, parse } from "./body.ts"
import { type Named, readHeaders } from "./headers.ts"

/** A message as it has come: what is needed of core's and of JetStream's. */
export interface Incoming {
  readonly data: Uint8Array
  readonly headers?: MsgHdrs | undefined
  readonly reply?: string | undefined
}

/** What is the same for all messages of a subscription. */
export interface Source<M extends Incoming> {
  /** Gives an id to what has none. */
  readonly unnamed: (message: M) => string
  readonly respond: ((message: M, answer: Answer) => Effect.Effect<void>) | undefined
}

/** Of a delivery whose payload is always decoded. */
const last = unread()

/** A message as a delivery. Headers and body are read when somebody looks at them, once: most handlers need the body alone. */
export class Arrived<M extends Incoming> implements Delivery {
  readonly subject: string
  readonly attempt: number
  readonly settle: Settlement | undefined
  private readonly source: Source<M>
  private readonly message: M
  private readonly at: number
  private named: Named | undefined
  private parsed: Parsed | undefined

  /** `at`: when it has come, milliseconds since 1970. */
  constructor(source: Source<M>, subject: string, message: M, at: number, attempt = 1, settle?: Settlement) {
    this.source = source
    this.subject = subject
    this.message = message
    this.at = at
    this.attempt = attempt
    this.settle = settle
    this.named = undefined
    this.parsed = undefined
  }

  private get headers(): Named {
    if (this.named !== undefined) return this.named
    const named = readHeaders(this.message.headers)
    named.id ??= this.source.unnamed(this.message)
    return (this.named = named)
  }
  private get body(): Parsed {
    return (this.parsed ??= parse(this.message.data))
  }

  get id(): string {
    return this.headers.id as string
  }
  get time(): number {
    return this.headers.time ?? this.at
  }
  get correlationId(): string {
    return this.headers.correlationId ?? this.id
  }
  get causationId(): string | undefined {
    return this.headers.causationId
  }
  get version(): number {
    return this.headers.version ?? 1
  }
  get payload(): unknown {
    return this.body.payload
  }
  get malformed(): string | undefined {
    return this.body.malformed
  }
  get value(): undefined {
    return undefined
  }
  get codec(): undefined {
    return undefined
  }
  get last(): Delivery["last"] {
    return last
  }
  get reply(): Delivery["reply"] {
    const { message, source } = this
    const { respond } = source
    if (respond === undefined || message.reply === undefined || message.reply === "") return undefined
    return (answer) => respond(message, answer)
  }
}
