import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Log from "../../src/app/Log.ts"
import { type Entry, json, pretty } from "../../src/app/LogSink.ts"
import * as Client from "../../src/client/Client.ts"
import { Probe } from "../../src/testing/gateway-kit/Probe.ts"
import { until } from "../../src/testing/until.ts"
import { BinaryWire } from "../../src/transport/BinaryWire.ts"
import * as Contract from "../../src/transport/Contract.ts"
import * as Gateway from "../../src/transport/Gateway.ts"
import { JsonWire } from "../../src/transport/JsonWire.ts"
import * as Memory from "../../src/transport/Memory.ts"
import type { Connector } from "../../src/transport/Transport.ts"
import * as Transports from "../../src/transport/Transports.ts"
import { Kind, Outcome, type Wire } from "../../src/transport/Wire.ts"
import * as LineWire from "./freeze/LineWire.ts"

/** None of these may be seen. */
const canary = (i: number) => `canary-${i}-k7Qz`

class Closed extends Schema.TaggedError<Closed>()("Closed", { why: Schema.String, apiKey: Schema.String }) {}

const Secret = Schema.RedactedFromValue(Schema.String)
const Desk = Contract.make("desk", {
  requests: {
    echo: { payload: { text: Schema.String }, success: Schema.String },
    vault: {
      payload: { word: Secret, password: Schema.String, note: Schema.String },
      success: Schema.Struct({ word: Secret, sessionToken: Schema.String, n: Schema.Int })
    },
    token: { success: Schema.String },
    refuse: { error: Closed },
    bug: {},
    count: { success: Schema.Int, stream: true },
    upload: { payload: { data: Schema.Uint8Array }, success: Schema.Int },
    never: { concurrency: 1 }
  },
  signals: { type: {} },
  events: { told: { payload: { n: Schema.Int, key: Secret } } },
  relays: ["whisper"]
})

const live = Contract.implement(Desk, {
  echo: ({ text }) => Effect.succeed(text),
  vault: () => Effect.succeed({ word: Redacted.make(canary(1)), sessionToken: canary(2), n: 7 }),
  token: () => Effect.succeed(canary(3)),
  refuse: () => Effect.fail(new Closed({ why: "closed", apiKey: canary(4) })),
  bug: () => Effect.die(new Error(canary(5))),
  count: () => Stream.make(1, 2),
  upload: ({ data }) => Effect.succeed(data.length),
  never: () => Effect.never,
  type: (_, { emit }) => Effect.sync(() => void emit("told", { n: 3, key: Redacted.make(canary(6)) })),
  whisper: ({ to }) => Effect.succeed({ to: [to] })
})

interface Given {
  readonly lines: Array<Entry>
  readonly connector: Connector
}

/** A gateway with a log, and the lines of category `request` that it writes. */
const served = <A, E>(
  use: (given: Given) => Effect.Effect<A, E, Scope.Scope>,
  { level = "Trace", options }: { readonly level?: Log.Level; readonly options?: Gateway.Options } = {}
) => {
  const lines: Array<Entry> = []
  const write = (entry: Entry) => void (entry.category === "request" && lines.push(entry))
  const memory = Memory.make({ maxFrameBytes: 256 * 1024 })
  return Effect.scoped(
    Effect.gen(function* () {
      yield* Log.setLevel("request", level)
      yield* Log.hide(canary(7))
      const context = yield* Layer.build(Layer.merge(Gateway.layer(options), Transports.layer(memory.listener)))
      yield* Effect.provideContext(Gateway.serve(live), context)
      return yield* use({ lines, connector: memory.connector })
    })
  ).pipe(Effect.provide(Log.layer({ console: false, sinks: [{ name: "lines", write }] })))
}

const told = (lines: ReadonlyArray<Entry>) => lines.map(({ message }) => message)
const payloads = (lines: ReadonlyArray<Entry>) =>
  // plain data of the log has no prototype
  JSON.parse(JSON.stringify(lines.map(({ fields }) => fields?.payload ?? null))) as ReadonlyArray<unknown>

const noCanary = (lines: ReadonlyArray<Entry>) => {
  for (const entry of lines) {
    assert.notMatch(json(entry), /canary|k7Qz/)
    assert.notMatch(pretty(entry), /canary|k7Qz/)
  }
}

const probe = (connector: Connector, wire: Wire) =>
  Effect.gen(function* () {
    const made = new Probe(wire)
    yield* connector.connect(made.open)
    return made
  })

const greeted = (connector: Connector, wire: Wire) => Effect.tap(probe(connector, wire), (made) => made.sayHello())

/** Frames of several kinds, each many times, with one byte changed or put in, or cut off. */
const brokenFrames = (wire: Wire, numbers: ReadonlyMap<string, number>): ReadonlyArray<Uint8Array> => {
  const session = wire.make("client")
  const written: Array<Uint8Array> = []
  const say = (kind: Kind, name: string, id: number, payload: unknown, to = "") => {
    const message = name === "" ? 0 : wire.numbered ? (numbers.get(name) ?? 0) : name
    written.push(session.frame({ kind, id, message, outcome: Outcome.success, payload, meta: undefined, peer: to }))
  }
  say(Kind.request, "desk.echo", 1, { text: canary(1) })
  say(Kind.request, "desk.vault", 2, { word: canary(2), password: canary(3), note: "n" })
  say(Kind.request, "desk.count", 3, undefined)
  say(Kind.relay, "desk.whisper", 4, new Uint8Array(9), "nobody")
  say(Kind.signal, "desk.type", 0, undefined)
  say(Kind.cancel, "", 3, undefined)
  say(Kind.control, "", 0, { type: "ping", token: 1 })
  const frames: Array<Uint8Array> = []
  // a linear congruential generator: the frames of a failure are those of the next run
  let state = 1
  const random = (below: number) => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) % below
  for (let round = 0; round < 60; round++) {
    for (const frame of written) {
      const at = random(frame.length)
      const byte = random(256)
      const broken = [...frame]
      if (round % 3 === 0) broken[at] = byte
      else if (round % 3 === 1) broken.length = at
      else broken.splice(at, 0, byte)
      frames.push(Uint8Array.from(broken))
    }
  }
  return frames
}

for (const wire of [JsonWire, BinaryWire]) {
  describe(`frames of the ${wire.name} wire in the log`, () => {
    it.live("are told of one by one, with what they say", () =>
      served(
        Effect.fnUntraced(function* ({ connector, lines }) {
          const client = yield* Client.make(Desk, connector, { wire })
          const other = yield* Client.make(Desk, connector, { wire })
          const { id } = client.connection
          yield* until("both are greeted", () => lines.length === 4)
          assert.deepStrictEqual(told(lines), ["← hello", "→ hello", "← hello", "→ hello"])
          assert.deepStrictEqual(payloads(lines).slice(0, 2), [
            { min: 1, max: 1 },
            { version: 1, maxFrameBytes: 256 * 1024, messages: Desk.messages.length }
          ])
          lines.length = 0

          assert.strictEqual(yield* client.request.echo({ text: "hi" }), "hi")
          assert.strictEqual((yield* Effect.flip(client.request.refuse()))._tag, "Closed")
          assert.strictEqual((yield* Effect.flip(client.request.bug()))._tag, "RequestFault")
          assert.deepStrictEqual(yield* Stream.runCollect(client.request.count()), [1, 2])
          assert.strictEqual(yield* client.request.upload({ data: new Uint8Array(300) }), 300)
          assert.deepStrictEqual(told(lines), [
            "← request desk.echo",
            "→ response desk.echo",
            "← request desk.refuse",
            "→ error desk.refuse",
            "← request desk.bug",
            "→ fault desk.bug",
            "← request desk.count",
            "→ item desk.count",
            "→ item desk.count",
            "→ end desk.count",
            "← request desk.upload",
            "→ response desk.upload"
          ])
          const { reference, ...fault } = payloads(lines)[5] as { readonly reference: string }
          assert.match(reference, /^\w+-\w+$/)
          assert.deepStrictEqual(fault, {
            code: "INTERNAL",
            message: "The server failed to handle this; its log knows more under the reference"
          })
          assert.deepStrictEqual(payloads(lines).toSpliced(5, 1), [
            { text: "hi" },
            "hi",
            null,
            { name: "Closed", message: "Closed", details: { why: "closed", apiKey: "<redacted>" } },
            null,
            null,
            1,
            2,
            null,
            { data: "<300 bytes>" },
            300
          ])
          const { bytes, ...fields } = lines[0]?.fields ?? {}
          assert.deepStrictEqual(JSON.parse(JSON.stringify(fields)), {
            direction: "in",
            kind: "request",
            name: "desk.echo",
            id: 1,
            payload: { text: "hi" },
            connection: id,
            transport: "memory",
            wire: wire.name
          })
          const size =
            wire === JsonWire ? `{"kind":"request","id":1,"name":"desk.echo","payload":{"text":"hi"}}`.length : 17
          assert.strictEqual(bytes, size)
          assert.match(
            pretty(lines[0] as Entry),
            new RegExp(
              `TRACE request {5}← request desk\\.echo {2}#1 ${size} B {2}\\{"text":"hi"\\} {2}${id} ${wire.name}$`
            )
          )
          lines.length = 0

          const events = yield* Effect.forkScoped(Stream.runHead(client.events.told))
          yield* until("the event has come", () => {
            Effect.runFork(Effect.ignore(client.signal.type()))
            return events.pollUnsafe() !== undefined
          })
          assert.include(told(lines), "← signal desk.type")
          const event = lines.find(({ message }) => message === "→ event desk.told")
          assert.deepStrictEqual(payloads(event === undefined ? [] : [event]), [{ n: 3, key: "<redacted>" }])
          lines.length = 0

          assert.strictEqual(yield* client.relay.whisper(other.connection.id, new TextEncoder().encode(canary(8))), 1)
          // a signal may still have come after its event
          const relayed = lines.filter(({ fields }) => fields?.name === "desk.whisper")
          assert.deepStrictEqual(told(relayed), [
            "← relay desk.whisper",
            "→ relay desk.whisper",
            "→ response desk.whisper"
          ])
          assert.deepStrictEqual(payloads(relayed), ["<13 bytes>", "<13 bytes>", 1])
          assert.strictEqual(relayed[0]?.fields?.to, other.connection.id)
          assert.strictEqual(relayed[1]?.fields?.from, id)
          assert.strictEqual(relayed[1]?.fields?.connection, other.connection.id)
        })
      )
    )

    it.live("are without secrets: typed, by key, hidden, in credentials, in what fits no schema", () =>
      served(
        Effect.fnUntraced(function* ({ connector, lines }) {
          const client = yield* Client.make(Desk, connector, { wire })
          const vault = { word: Redacted.make(canary(9)), password: canary(10), note: `see ${canary(7)}` }
          assert.strictEqual((yield* client.request.vault(vault)).n, 7)
          assert.strictEqual(yield* client.request.token(), canary(3))
          yield* Effect.flip(client.request.refuse())
          yield* Effect.flip(client.request.bug())
          assert.deepStrictEqual(payloads(lines).slice(2, 6), [
            { word: "<redacted>", password: "<redacted>", note: "see <redacted>" },
            { word: "<redacted>", sessionToken: "<redacted>", n: 7 },
            null,
            "<redacted>"
          ])

          const stranger = yield* probe(connector, wire)
          stranger.send(Kind.hello, 0, {
            payload: { min: 1, max: 1, token: canary(11) },
            meta: [
              ["authorization", `Bearer ${canary(12)}`],
              ["device", canary(13)]
            ]
          })
          yield* until("the hello", () => stranger.id !== "")
          const hello = lines.find(({ fields }) => fields?.meta !== undefined)
          assert.strictEqual(hello?.fields?.meta, "authorization, device")

          stranger.request("echo", 1, { text: canary(14) })
          stranger.send(Kind.request, "desk.echo", { id: 2, payload: { text: [canary(15)] } })
          stranger.send(Kind.control, 0, { payload: { type: "ping", token: canary(16) } })
          stranger.send(Kind.control, 0, { payload: { type: "goaway", reason: canary(17) } })
          stranger.send(Kind.response, 0, { id: 3, payload: { code: canary(18) } })
          // {"code":"…"} as a fault, which only a server may say
          const text = new TextEncoder().encode(canary(22))
          stranger.raw(
            wire === JsonWire
              ? new TextEncoder().encode(`{"kind":"response","id":4,"fault":{"code":"${canary(22)}"}}`)
              : Uint8Array.of(3, 4, 0, 0, 0, 0, 0, 4, 0x81, 0xa4, 0x63, 0x6f, 0x64, 0x65, 0xa0 + text.length, ...text)
          )
          stranger.send(Kind.event, "desk.told", { payload: { n: canary(19), key: canary(20) } })
          stranger.send(Kind.signal, "desk.echo", { payload: { text: canary(21) } })
          yield* until(
            "all is answered",
            () => stranger.faults.length === 2 && stranger.of(4).length === 1 && stranger.control("pong").length === 1
          )
          assert.isTrue(stranger.of(2).length === 1 && stranger.of(1).length === 1)
          const its = lines.filter(({ fields }) => fields?.connection === stranger.id && fields.id === 2)
          const [misfit, fault] = its
          assert.strictEqual(misfit?.fields?.problem, `its payload does not fit at "text"`)
          assert.strictEqual(fault?.message, "→ fault desk.echo")
          assert.deepStrictEqual(payloads(its), [null, { code: "BAD_PAYLOAD", at: "text" }])
          noCanary(lines)
        })
      )
    )

    it.live("are told of as unreadable where they are no envelopes, and the connection goes on", () =>
      served(
        Effect.fnUntraced(function* ({ connector, lines }) {
          const stranger = yield* greeted(connector, wire)
          lines.length = 0
          const bytes = new TextEncoder()
          const frames =
            wire === JsonWire
              ? [
                  bytes.encode(`{"kind":"request","password":"${canary(1)}`),
                  bytes.encode(canary(2)),
                  bytes.encode(`{"kind":"${canary(3)}"}`),
                  bytes.encode(`["${canary(4)}"]`),
                  Uint8Array.of(0x7b, 0xff, 0xfe),
                  bytes.encode(`${"[".repeat(100_000)}`),
                  new Uint8Array(0)
                ]
              : [
                  bytes.encode(canary(1)),
                  Uint8Array.of(2, 0xff, 0, 1, 0, 0, 0, 1, ...bytes.encode(canary(2))),
                  Uint8Array.of(2, 0, 0, 1),
                  Uint8Array.of(2, 1, 0, 1, 0, 0, 0, 1, 9, 200),
                  Uint8Array.of(12, 0, 0, 1, 0, 0, 0, 1, 200, 65),
                  Uint8Array.of(15, 0, 0, 0, 0, 0, 0, 0, 0xc1),
                  new Uint8Array(0)
                ]
          for (const frame of frames) stranger.raw(frame)
          stranger.send(Kind.request, "desk.echo", { id: 9, payload: { text: "still here" } })
          yield* stranger.answer(9)
          const unreadable = lines.filter(({ message }) => message === "← unreadable")
          assert.deepStrictEqual(
            unreadable.map(({ fields }) => fields?.bytes),
            frames.map(({ length }) => length)
          )
          for (const { fields } of unreadable)
            assert.match(String(fields?.problem), /^(MALFORMED_FRAME|UNSUPPORTED_KIND): \w/)
          noCanary(lines)
          assert.deepStrictEqual(told(lines).slice(-2), ["← request desk.echo", "→ response desk.echo"])
        })
      )
    )

    it.live("are answered as they are without a log, however they are broken", () =>
      served(
        Effect.fnUntraced(function* ({ connector, lines }) {
          const traced = yield* greeted(connector, wire)
          yield* Log.setLevel("request", "Info")
          const plain = yield* greeted(connector, wire)
          yield* Log.setLevel("request", "Trace")
          lines.length = 0
          const sent = brokenFrames(wire, traced.numbers)
          for (const one of [traced, plain]) {
            for (const frame of sent) one.raw(frame)
            one.send(Kind.request, "desk.echo", { id: 0xfffffff, payload: { text: "the last" } })
            yield* one.answer(0xfffffff)
          }
          const answers = (of: Probe) =>
            of.received.slice(1).map(({ kind, id, outcome, payload }) => {
              const { code, fault } = (payload ?? {}) as { readonly code?: string; readonly fault?: { code: string } }
              return [kind, id, outcome, code ?? fault?.code ?? payload]
            })
          assert.deepStrictEqual(answers(traced), answers(plain))
          const incoming = lines.filter(({ fields }) => fields?.direction === "in")
          assert.deepStrictEqual(
            incoming.map(({ fields }) => fields?.bytes).slice(0, -1),
            sent.map(({ length }) => length)
          )
          const kinds = new Set(incoming.map(({ message }) => message))
          assert.includeMembers([...kinds], ["← unreadable", "← request", "← request desk.echo"])
          noCanary(incoming.filter(({ fields }) => fields?.kind === "unreadable"))
        })
      )
    )

    it.live("are told of from the next connection on when the level says so, and no longer when it says so", () =>
      served(
        Effect.fnUntraced(function* ({ connector, lines }) {
          const before = yield* Client.make(Desk, connector, { wire })
          yield* Log.setLevel("request", "Trace")
          assert.strictEqual(yield* before.request.echo({ text: "before" }), "before")
          assert.deepStrictEqual(told(lines), [])

          const probed = yield* greeted(connector, wire)
          probed.send(Kind.request, "desk.never", { id: 1 })
          yield* until("it is seen", () => told(lines).includes("← request desk.never"))
          yield* Log.setLevel("request", "Info")
          lines.length = 0
          probed.send(Kind.request, "desk.echo", { id: 2, payload: { text: "unseen" } })
          yield* probed.answer(2)
          assert.deepStrictEqual(told(lines), [])

          // what was asked in between is not known, and neither is what was before
          yield* Log.setLevel("request", "Trace")
          probed.send(Kind.cancel, 0, { id: 1 })
          yield* probed.answer(1)
          assert.deepStrictEqual(told(lines), ["← cancel", "→ fault"])
        }),
        { level: "Info" }
      )
    )

    it.live("are those of the gateway alone that has not refused it", () =>
      served(
        Effect.fnUntraced(function* ({ connector, lines }) {
          const client = yield* Client.make(Desk, connector, { wire })
          assert.strictEqual(yield* client.request.echo({ text: "hi" }), "hi")
          assert.deepStrictEqual(told(lines), [])
        }),
        { options: { trace: false } }
      )
    )

    it.live("have their payload left out where they are large or answer an id that was used twice", () =>
      served(
        Effect.fnUntraced(function* ({ connector, lines }) {
          const stranger = yield* greeted(connector, wire)
          lines.length = 0
          stranger.send(Kind.request, "desk.echo", { id: 1, payload: { text: canary(1).repeat(6000) } })
          yield* stranger.answer(1)
          const large = "<not shown: the frame has more than 65536 bytes>"
          assert.deepStrictEqual(payloads(lines), [large, large])
          lines.length = 0
          stranger.send(Kind.request, "desk.never", { id: 2 })
          stranger.send(Kind.request, "desk.token", { id: 2 })
          stranger.send(Kind.cancel, 0, { id: 2 })
          yield* stranger.answer(2)
          assert.deepStrictEqual(told(lines), [
            "← request desk.never",
            "← request desk.token",
            "→ control",
            "← cancel",
            "→ fault"
          ])
          noCanary(lines)
        })
      )
    )
  })
}

describe("the trace of frames", () => {
  it.live("says of a first frame of no wire that it is of none, and of an unknown message no more than its name", () =>
    served(
      Effect.fnUntraced(function* ({ connector, lines }) {
        const stranger = yield* probe(connector, JsonWire)
        stranger.raw(new TextEncoder().encode(`GET / HTTP/1.1 ${canary(1)}`))
        yield* until("it is closed", () => stranger.isClosed)
        assert.deepStrictEqual(told(lines), ["← unreadable"])
        assert.strictEqual(lines[0]?.fields?.problem, "it is of none of the wires that are spoken here")
        assert.notProperty(lines[0]?.fields, "wire")

        const other = yield* greeted(connector, JsonWire)
        other.send(Kind.request, `desk.${"x".repeat(1000)}`, { id: 1, payload: canary(2) })
        yield* other.answer(1)
        const unknown = lines.find(({ fields }) => fields?.id === 1)
        assert.strictEqual(unknown?.message, "← request")
        assert.strictEqual(unknown?.fields?.name, `desk.${"x".repeat(59)}`)
        assert.strictEqual(unknown?.fields?.payload, "<not shown: its message is not known>")
        noCanary(lines)
      })
    )
  )

  it.live("shows no answers of a wire that has no ids for them, and no words of a wire that is not ours", () =>
    served(
      Effect.fnUntraced(function* ({ connector, lines }) {
        const heard: Array<string> = []
        const connection = yield* connector.connect(() => ({
          onFrame: (bytes, start, end) => void heard.push(new TextDecoder().decode(bytes.subarray(start, end))),
          onDrain: () => {},
          onClose: () => {}
        }))
        for (const line of ["ECHO hi", "TOKEN", canary(1).toUpperCase(), "ECHO bye"]) {
          connection.send(new TextEncoder().encode(line), "text")
        }
        yield* until("all is answered", () => heard.length === 4)
        assert.deepStrictEqual(heard.slice(0, 2), [`OK "hi"`, `OK "${canary(3)}"`])
        assert.deepStrictEqual(told(lines), [
          "← request desk.echo",
          "→ response",
          "← request desk.token",
          "→ response",
          "← unreadable",
          "→ fault",
          "← request desk.echo",
          "→ response"
        ])
        const hidden = "<not shown: its message is not known>"
        assert.deepStrictEqual(payloads(lines), [
          { text: "hi" },
          hidden,
          null,
          hidden,
          null,
          { code: "UNKNOWN_MESSAGE" },
          { text: "bye" },
          hidden
        ])
        assert.strictEqual(lines[4]?.fields?.problem, "UNKNOWN_MESSAGE")
        for (const entry of lines) assert.notMatch(json(entry), /canary|k7Qz/i)
      }),
      {
        options: {
          wires: [
            LineWire.make(
              {
                ECHO: { kind: "request", message: "desk.echo", fields: ["text"] },
                TOKEN: { kind: "request", message: "desk.token", fields: [] }
              },
              {}
            )
          ]
        }
      }
    )
  )

  it.live("changes no byte, and costs no connection when a wire or a sink breaks", () => {
    const broken: Wire = {
      ...JsonWire,
      name: "broken",
      make: (role) => ({
        ...{ ...JsonWire.make(role) },
        decode: (bytes, start, end, kind) => {
          if (role === "client") throw new Error(canary(1))
          return JsonWire.make(role).decode(bytes, start, end, kind)
        },
        write: (connection, envelope) => JsonWire.make(role).write(connection, envelope),
        frame: (envelope) => JsonWire.make(role).frame(envelope)
      })
    }
    return served(
      Effect.fnUntraced(function* ({ connector, lines }) {
        yield* Log.addSink({
          name: "broken",
          write: () => {
            throw new Error("no")
          }
        })
        const traced = yield* greeted(connector, JsonWire)
        yield* Log.setLevel("request", "Info")
        const plain = yield* greeted(connector, JsonWire)
        yield* Log.setLevel("request", "Trace")
        for (const one of [traced, plain]) {
          one.send(Kind.request, "desk.vault", { id: 1, payload: { word: "w", password: "p", note: "n" } })
          one.send(Kind.request, "desk.count", { id: 2 })
          yield* one.answer(2)
        }
        assert.deepStrictEqual(traced.frames.slice(1), plain.frames.slice(1))
        const out = lines.filter(({ fields }) => fields?.direction === "out")
        assert.isTrue(out.length > 3 && out.every(({ message }) => message === "→ unreadable"))
        assert.strictEqual(out[0]?.fields?.problem, "reading it threw Error")
        noCanary(lines)
      }),
      { options: { wires: [broken] } }
    )
  })
})
