/** Publishing and handling over a NATS server, beside the bare client. */
import { randomBytes } from "node:crypto"
import * as Event from "@mortise/core/events/Event"
import { make } from "@mortise/core/events/EventBus"
import { NatsBroker, NatsConfig } from "@mortise/plugin-events-nats"
import { connect, headers } from "@nats-io/transport-node"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import type { Subject, Subjects } from "./Measure.ts"

const SERVER = process.env.NATS_URL ?? "nats://127.0.0.1:4222"
const payload = { user: "ada", text: "a line of text as people write it", n: 1 }
const Said = Event.make("said", { payload: { user: Schema.String, text: Schema.String, n: Schema.Int } })
/** Events on their way at a time. */
const BURST = 256

/** `count` is called for each event that arrives. */
const bursts = (publish: (events: number) => void) => {
  let missing = 0
  let done: () => void = () => {}
  const subject: Subject = {
    fanOut: 1,
    round: async (events) => {
      for (let sent = 0; sent < events; sent += BURST) {
        missing = BURST
        const arrived = new Promise<void>((resolve) => {
          done = resolve
        })
        publish(BURST)
        await arrived
      }
    }
  }
  const count = (): void => {
    if (--missing === 0) done()
  }
  return { subject, count }
}

/**
 * What an ordinary program does: JSON there and back. With headers each message also has an id and a time: by the official
 * API, which reads the id, or as the bytes of the same, which are not read.
 */
const bare = async (by: "nothing" | "api" | "bytes"): Promise<Subject> => {
  const [publisher, subscriber] = [await connect({ servers: SERVER }), await connect({ servers: SERVER })]
  const to = `bench${randomBytes(4).toString("hex")}.said`
  let ids = 0
  let bytes = Buffer.alloc(0)
  const carrier = Object.assign(headers(), { encode: () => bytes })
  const publish = (): void => {
    if (by === "nothing") return publisher.publish(to, JSON.stringify(payload))
    if (by === "bytes") {
      bytes = Buffer.from(`NATS/1.0\r\nNats-Msg-Id: bench-${++ids}\r\nMortise-Time: ${Date.now()}\r\n\r\n`)
      return publisher.publish(to, Buffer.from(JSON.stringify(payload)), { headers: carrier })
    }
    const made = headers()
    made.set("Nats-Msg-Id", `bench-${++ids}`)
    made.set("Mortise-Time", String(Date.now()))
    publisher.publish(to, JSON.stringify(payload), { headers: made })
  }
  const all = (events: number): void => {
    for (let i = 0; i < events; i++) publish()
  }
  const { count, subject } = bursts(all)
  subscriber.subscribe(to, {
    callback: (_, message) => {
      const read = message.json<typeof payload>()
      if (by === "api" && message.headers?.get("Nats-Msg-Id") === "") throw new Error("no id")
      if (read.n === 1) count()
    }
  })
  await subscriber.flush()
  return subject
}

const mortise = async (): Promise<Subject> => {
  const scope = Scope.makeUnsafe()
  const config = Schema.decodeUnknownSync(NatsConfig)({
    servers: [SERVER],
    prefix: `bench${randomBytes(4).toString("hex")}`
  })
  const bus = Scope.provide(Effect.flatMap(NatsBroker.open(config), make), scope)
  const [publisher, subscriber] = [await Effect.runPromise(bus), await Effect.runPromise(bus)]
  const burst = Array(BURST).fill(payload)
  const all = Effect.forEach(burst, (payload) => publisher.publish(Said, payload), { discard: true })
  const { count, subject } = bursts(() => void Effect.runFork(all))
  const handle = Effect.sync(count)
  await Effect.runPromise(
    Scope.provide(
      subscriber.on(Said, () => handle),
      scope
    )
  )
  return subject
}

export const oneToOne: Subjects = {
  bare: () => bare("nothing"),
  "bare-bytes": () => bare("bytes"),
  "bare-headers": () => bare("api"),
  mortise
}
