import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Listening from "@mortise/core/app/Listening"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Client from "@mortise/core/client/Client"
import * as WebSocketConnector from "@mortise/core/client/WebSocketConnector"
import { http } from "@mortise/core/http/HttpPlugin"
import * as Contract from "@mortise/core/transport/Contract"
import { contract, gateway } from "@mortise/core/transport/GatewayPlugin"
import { Tcp, tcp } from "@mortise/transport-socket"
import { websocket } from "@mortise/transport-websocket"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Schema from "effect/Schema"
import parse from "parse-prometheus-text-format"
import { health } from "../src/index.ts"
import { get } from "./get.ts"

const Desk = Contract.make("desk", {
  requests: {
    echo: { payload: { text: Schema.String }, success: Schema.String },
    later: { success: Schema.Int },
    refuse: { error: Schema.Struct({ why: Schema.String }) }
  },
  signals: { nudge: { payload: { n: Schema.Int } } }
})
let nudges = 0
const live = Contract.implement(Desk, {
  echo: ({ text }) => Effect.succeed(text),
  later: () => Effect.as(Effect.sleep("3 millis"), 1),
  refuse: () => Effect.fail({ why: "closed" }),
  nudge: () => Effect.sync(() => void nudges++)
})
const desk = Plugin.define({ name: "desk", contributes: [contract(live)] })

const orders = Metric.counter("orders_total", { description: 'Orders that were "placed"\nand paid' })
const shelf = Metric.gauge("shelf.size", { attributes: { room: 'a "quoted\\" room\n', "9lives": "x" } })
const lengths = Metric.histogram("name_length", { boundaries: [1, 10, 100] })
const kinds = Metric.frequency("kinds")
const clash = Metric.gauge("process_uptime_seconds")

const app = Plugin.compose(
  http(),
  gateway(),
  tcp(),
  websocket(),
  desk(),
  health({ build: { name: "desk", version: "1.2.3" } })
)

interface Sample {
  readonly value: string
  readonly labels?: Readonly<Record<string, string>>
}
interface Parsed<A> {
  readonly name: string
  readonly type: string
  readonly metrics: ReadonlyArray<A>
}

/** The page of metrics, as a parser of the format reads it. */
class Page {
  /** Type by name of the family. */
  readonly types: ReadonlyMap<string, string>
  private readonly samples: ReadonlyArray<Parsed<Sample>>

  constructor(text: string) {
    const families: ReadonlyArray<Parsed<unknown>> = parse(text)
    this.types = new Map(families.map(({ name, type }) => [name, type]))
    assert.strictEqual(this.types.size, families.length, "a family comes twice")
    // The parser puts all histograms of a family together and drops their labels. Without the comments each line stands
    // for itself.
    this.samples = parse(text.replaceAll(/^# .*\n/gm, ""))
  }
  sample(name: string, labels: Record<string, string> = {}): Sample | undefined {
    return this.samples
      .filter((family) => family.name === name)
      .flatMap(({ metrics }) => metrics)
      .find((sample) => Object.entries(labels).every(([key, value]) => sample.labels?.[key] === value))
  }
  value(name: string, labels?: Record<string, string>): number {
    return Number(this.sample(name, labels)?.value)
  }
}

const running = Effect.gen(function* () {
  nudges = 0
  const context = yield* App.build(app, { http: { port: 0 }, tcp: { port: 0 }, health: { drainDelayMillis: 0 } })
  const { entries } = Context.get(context as Context.Context<never>, Listening.Listening)
  const address = (name: string) => entries().find((entry) => entry.name === name)?.address ?? ""
  return {
    page: Effect.promise(() => get(`${address("http")}/metrics`)).pipe(
      Effect.map(({ headers, text }) => {
        assert.strictEqual(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
        return new Page(text)
      })
    ),
    tcp: Client.make(Desk, Tcp.connector({ port: Number(new URL(address("tcp")).port) })),
    websocket: Client.make(Desk, WebSocketConnector.make({ url: address("websocket") }))
  }
})

describe("the page of metrics", () => {
  it.live("agrees, as a Prometheus parser reads it, with what was sent under load", () =>
    Effect.gen(function* () {
      const { page, tcp, websocket } = yield* running
      const clients = [...(yield* Effect.all([tcp, tcp, tcp])), ...(yield* Effect.all([websocket, websocket]))]
      const before = yield* page
      assert.strictEqual(before.value("mortise_connections", { transport: "tcp" }), 3)
      assert.strictEqual(before.value("mortise_connections", { transport: "websocket" }), 2)
      const each = 100
      const load = clients.map((client) =>
        Effect.gen(function* () {
          const asked = Array.from({ length: each }, (_, i) => client.request.echo({ text: `message ${i}` }))
          yield* Effect.all(asked, { concurrency: 16, discard: true })
          for (let i = 0; i < 5; i++) yield* client.request.later()
          yield* Effect.flip(client.request.refuse())
          for (let n = 0; n < 10; n++) yield* client.signal.nudge({ n })
          // signals are not answered: this one comes after them
          yield* client.request.later()
        })
      )
      yield* Effect.all(load, { concurrency: "unbounded", discard: true })
      assert.strictEqual(nudges, 50)
      const after = yield* page
      const handled = (message: string, outcome: string) =>
        after.value("mortise_handled_total", { message: `desk.${message}`, outcome })
      assert.strictEqual(handled("echo", "success"), 500)
      assert.strictEqual(handled("later", "success"), 30)
      assert.strictEqual(handled("refuse", "error"), 5)
      assert.strictEqual(handled("nudge", "success"), 50)
      assert.strictEqual(handled("echo", "defect"), 0)
      for (const [transport, connections] of [
        ["tcp", 3],
        ["websocket", 2]
      ] as const) {
        const grown = (name: string) =>
          after.value(`mortise_${name}_total`, { transport }) - before.value(`mortise_${name}_total`, { transport })
        assert.strictEqual(grown("messages_received"), connections * (each + 5 + 1 + 10 + 1))
        assert.strictEqual(grown("messages_sent"), connections * (each + 5 + 1 + 1))
        assert.isAbove(grown("bytes_received"), connections * each * "message 1".length)
        assert.isAbove(grown("bytes_sent"), connections * each * "message 1".length)
        assert.strictEqual(after.value("mortise_connections_opened_total", { transport }), connections)
        assert.strictEqual(after.value("mortise_queue_bytes", { transport }), 0)
      }
      const message = "desk.later"
      assert.strictEqual(after.value("mortise_handler_seconds_count", { message }), 30)
      assert.strictEqual(after.value("mortise_handler_seconds_bucket", { message, le: "+Inf" }), 30)
      assert.strictEqual(after.value("mortise_handler_seconds_bucket", { message, le: "0.0005" }), 0)
      assert.isAbove(after.value("mortise_handler_seconds_sum", { message }), 30 * 0.002)
      assert.strictEqual(after.value("mortise_handler_seconds_count", { message: "desk.echo" }), 500)
      assert.strictEqual(after.types.get("mortise_handler_seconds"), "HISTOGRAM")
    })
  )

  it.live("has the process, the build, the checks, and no label that a client made up", () =>
    Effect.gen(function* () {
      const { page, tcp } = yield* running
      yield* tcp
      const read = yield* page
      const names = [
        ["process_cpu_seconds_total", "COUNTER"],
        ["process_uptime_seconds", "GAUGE"],
        ["process_start_time_seconds", "GAUGE"],
        ["process_resident_memory_bytes", "GAUGE"],
        ["nodejs_heap_size_used_bytes", "GAUGE"],
        ["nodejs_heap_size_total_bytes", "GAUGE"],
        ["nodejs_eventloop_lag_p99_seconds", "GAUGE"],
        ["nodejs_eventloop_lag_max_seconds", "GAUGE"],
        ["mortise_ready", "GAUGE"]
      ] as const
      for (const [name, type] of names) {
        assert.strictEqual(read.types.get(name), type, name)
        assert.isAtLeast(read.value(name), 0, name)
      }
      assert.strictEqual(read.value("mortise_build_info", { name: "desk", version: "1.2.3" }), 1)
      assert.strictEqual(read.value("mortise_ready"), 1)
      assert.isAbove(read.value("process_resident_memory_bytes"), read.value("nodejs_heap_size_used_bytes"))
    })
  )

  it.live("sees the event loop blocked, and garbage collected", () =>
    Effect.gen(function* () {
      const { page } = yield* running
      yield* page
      yield* Effect.sleep("30 millis")
      yield* Effect.sync(() => {
        const until = performance.now() + 200
        const kept: Array<Array<number>> = []
        while (performance.now() < until) kept.push(new Array(1000).fill(kept.length))
      })
      yield* Effect.sleep("50 millis")
      const blocked = yield* page
      assert.isAbove(blocked.value("nodejs_eventloop_lag_max_seconds"), 0.1)
      assert.strictEqual(blocked.types.get("nodejs_gc_duration_seconds"), "HISTOGRAM")
      assert.isAbove(blocked.value("nodejs_gc_duration_seconds_count", { kind: "minor" }), 0)
    })
  )

  it.live("has every metric of Effect, whatever it is called", () =>
    Effect.gen(function* () {
      const { page } = yield* running
      yield* Metric.update(orders, 3)
      yield* Metric.update(shelf, 7)
      for (const length of [1, 5, 50, 5000]) yield* Metric.update(lengths, length)
      for (const kind of ["a", "b", "a"]) yield* Metric.update(kinds, kind)
      yield* Metric.update(clash, 1)
      const read = yield* page
      assert.strictEqual(read.value("orders_total"), 3)
      assert.strictEqual(read.value("shelf_size"), 7)
      assert.strictEqual(read.sample("shelf_size")?.labels?.room, 'a "quoted\\" room\n')
      assert.strictEqual(read.sample("shelf_size")?.labels?._9lives, "x")
      assert.deepStrictEqual(
        ["1", "10", "100", "+Inf"].map((le) => read.value("name_length_bucket", { le })),
        [1, 2, 3, 4]
      )
      assert.strictEqual(read.value("name_length_sum"), 5056)
      assert.strictEqual(read.types.get("name_length"), "HISTOGRAM")
      assert.strictEqual(read.value("kinds", { key: "a" }), 2)
      assert.strictEqual(read.value("process_uptime_seconds_gauge"), 1)
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})
