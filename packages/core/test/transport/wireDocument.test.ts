import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { until } from "../../src/testing/until.ts"
import { BinaryWire } from "../../src/transport/BinaryWire.ts"
import * as Contract from "../../src/transport/Contract.ts"
import * as Gateway from "../../src/transport/Gateway.ts"
import { unpack } from "../../src/transport/internal/messagePack.ts"
import { JsonWire } from "../../src/transport/JsonWire.ts"
import * as Memory from "../../src/transport/Memory.ts"
import * as Transports from "../../src/transport/Transports.ts"
import { type Envelope, Kind, Malformed, Outcome, type Role } from "../../src/transport/Wire.ts"

const document = readFileSync(new URL("../../../../docs/wire.md", import.meta.url), "utf8")
const blocks = (language: string): ReadonlyArray<string> =>
  [...document.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, "g"))].map(([, text]) => (text ?? "").trim())

/** Bytes of a hex block: pairs of digits up to the three spaces before a remark. */
const bytesOf = (block: string): Uint8Array =>
  Uint8Array.from(
    block.split("\n").flatMap((line) => (line.split("   ")[0] ?? "").trim().split(" ")),
    (pair) => {
      assert.match(pair, /^[0-9a-f]{2}$/)
      return Number.parseInt(pair, 16)
    }
  )

/** One frame behind its length of four bytes. */
const frameOf = (block: string): Uint8Array => {
  const bytes = bytesOf(block)
  const length = new DataView(bytes.buffer).getUint32(0)
  assert.strictEqual(bytes.length, 4 + length, "the length is that of the frame")
  return bytes.slice(4)
}

const plain = (payload: unknown): unknown => {
  if (typeof payload !== "object" || payload === null || !("start" in payload)) return payload
  const { bytes, end, start } = payload as { readonly bytes: Uint8Array; readonly start: number; readonly end: number }
  return unpack(bytes, start, end)
}

const decode = (wire: typeof BinaryWire, role: Role, bytes: Uint8Array): Envelope => {
  const envelope = wire.make(role).decode(bytes, 0, bytes.length, wire.frameKind)
  assert.notInstanceOf(envelope, Malformed)
  return { ...(envelope as Envelope), payload: plain((envelope as Envelope).payload) }
}

const none = { id: 0, message: 0, outcome: Outcome.success, payload: undefined, meta: undefined, peer: "" }
const binary: ReadonlyArray<readonly [about: string, role: Role, envelope: Envelope]> = [
  ["hello", "server", { ...none, kind: Kind.hello, payload: { min: 1, max: 1 } }],
  ["request", "server", { ...none, kind: Kind.request, id: 7, message: 1, payload: { room: "lobby" } }],
  [
    "request with a deadline",
    "server",
    { ...none, kind: Kind.request, id: 7, message: 1, payload: { room: "lobby" }, meta: [["deadline", "500"]] }
  ],
  ["response", "client", { ...none, kind: Kind.response, id: 7 }],
  ["relay", "server", { ...none, kind: Kind.relay, message: 5, payload: new TextEncoder().encode("hi"), peer: "ada" }]
]

describe("docs/wire.md, worked examples", () => {
  it("has as many binary ones as are checked here", () => assert.strictEqual(blocks("hex").length, binary.length))

  it.each(binary)("binary %s: decodes to what it says, and is what the wire encodes", (about, role, envelope) => {
    const index = binary.findIndex(([name]) => name === about)
    const frame = frameOf(blocks("hex")[index] ?? "")
    assert.deepStrictEqual(decode(BinaryWire, role, frame), envelope)
    assert.deepStrictEqual(BinaryWire.make(role === "server" ? "client" : "server").frame(envelope), frame)
  })

  const texts = [
    ...blocks("json").flatMap((block) => block.split("\n")),
    ...[...document.matchAll(/`(\{"kind":.*?\})`/g)].map(([, text]) => text ?? "")
  ]
  it("has json ones", () => assert.ok(texts.length >= 8, `${texts.length}`))
  it.each(texts)("json %s: decodes, and encodes to the same", (text) => {
    const fields = JSON.parse(text)
    const role: Role = "from" in fields ? "client" : "server"
    const envelope = decode(JsonWire, role, new TextEncoder().encode(text))
    assert.strictEqual(envelope.kind, Kind[fields.kind as keyof typeof Kind])
    assert.strictEqual(envelope.id, fields.id ?? 0)
    assert.strictEqual(envelope.message, fields.name ?? 0)
    const again = new TextDecoder().decode(JsonWire.make(role === "server" ? "client" : "server").frame(envelope))
    assert.deepStrictEqual(JSON.parse(again), fields)
  })
})

class RoomFull extends Schema.TaggedError<RoomFull>()("RoomFull", { room: Schema.String }) {}
const Chat = Contract.make("chat", {
  requests: {
    join: {
      payload: { room: Schema.String, name: Schema.optionalKey(Schema.String) },
      success: Schema.Struct({ members: Schema.Array(Schema.String) }),
      error: RoomFull
    }
  },
  signals: { typing: {} },
  events: { message: {} },
  relays: ["whisper"]
})
const ChatLive = Contract.implement(Chat, {
  join: ({ name, room }) =>
    name === "late"
      ? Effect.fail(new RoomFull({ room }))
      : Effect.succeed({ members: name === undefined ? [] : [name] }),
  typing: () => Effect.void,
  whisper: ({ to }) => Effect.succeed({ to: [to] })
})

/** A peer that knows nothing but frames. */
const talk = Effect.fnUntraced(function* () {
  const memory = Memory.make()
  const context = yield* Layer.build(Layer.merge(Gateway.layer(), Transports.layer(memory.listener)))
  yield* Effect.provideContext(Gateway.serve(ChatLive), context)
  const frames: Array<Uint8Array> = []
  const connection = yield* memory.connector.connect(() => ({
    onFrame: (bytes, start, end) => void frames.push(Uint8Array.prototype.slice.call(bytes, start, end)),
    onDrain: () => {},
    onClose: () => {}
  }))
  return Effect.fnUntraced(function* (frame: Uint8Array, kind: "text" | "binary") {
    const known = frames.length
    connection.send(frame, kind)
    yield* until("the answer", () => frames.length > known)
    return Uint8Array.from(frames[known] as Uint8Array)
  })
})

describe("docs/wire.md, spoken with a server", () => {
  it.live("json: hello, request, declared error, as in sections 3 and 4", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const send = yield* talk()
        const say = (text: string) =>
          Effect.map(send(new TextEncoder().encode(text), "text"), (frame) =>
            JSON.parse(new TextDecoder().decode(frame))
          )
        const examples = blocks("json").flatMap((block) => block.split("\n"))
        const find = (start: string) => examples.find((text) => text.startsWith(start)) ?? assert.fail(start)
        const hello = yield* say(find(`{"kind":"hello","payload":{"min"`))
        const expected = JSON.parse(find(`{"kind":"hello","payload":{"version"`))
        expected.payload.connection = hello.payload.connection
        assert.deepStrictEqual(hello.payload.messages.slice(0, 3), expected.payload.messages)
        assert.deepStrictEqual(
          { ...hello, payload: { ...hello.payload, messages: [] } },
          {
            ...expected,
            payload: { ...expected.payload, messages: [] }
          }
        )
        const answer = yield* say(find(`{"kind":"request","id":1`))
        assert.deepStrictEqual(answer, JSON.parse(find(`{"kind":"response","id":1`)))
        const [declared] = document.match(/\{"kind":"response","id":1,"error":.*?\}\}/) ?? assert.fail("no error")
        const late = yield* say(`{"payload":{"name":"late","room":"lobby"},"name":"chat.join","id":1,"kind":"request"}`)
        assert.deepStrictEqual(late, JSON.parse(declared))
      })
    )
  )

  it.live("binary: hello, request, answer without a payload, as in section 8", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const send = yield* talk()
        const frames = blocks("hex").map(frameOf)
        const hello = yield* send(frames[0] as Uint8Array, "binary")
        const table = unpack(hello, 8, hello.length) as { readonly messages: ReadonlyArray<unknown> }
        assert.deepStrictEqual(table.messages[0], [1, "request", "chat.join"])
        for (const example of [1, 2]) {
          const answer = yield* send(frames[example] as Uint8Array, "binary")
          // kind 3, no flags, no message, id 7; then what this server answers
          assert.deepStrictEqual([...answer.slice(0, 8)], [...(frames[3] as Uint8Array)])
          assert.deepStrictEqual(unpack(answer, 8, answer.length), { members: [] })
        }
      })
    )
  )
})
