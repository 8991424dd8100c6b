/** A client that was written from docs/wire.md alone, against a gateway: what the page says must be enough, and true. */
import * as Contract from "@mortise/core/transport/Contract"
import * as Gateway from "@mortise/core/transport/Gateway"
import { Rooms } from "@mortise/core/transport/Rooms"
import * as Transports from "@mortise/core/transport/Transports"
import * as Tcp from "@mortise/transport-socket/Tcp"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { type Envelope, framed, Stranger } from "./stranger/Stranger.ts"

class RoomFull extends Schema.TaggedError<RoomFull>()("RoomFull", { room: Schema.String }) {}

const Chat = Contract.make("chat", {
  requests: {
    join: {
      payload: { room: Schema.String, name: Schema.optionalKey(Schema.String) },
      success: Schema.Int,
      error: RoomFull
    },
    leave: { payload: { room: Schema.String } },
    count: { payload: { to: Schema.Int }, success: Schema.Int, error: RoomFull, stream: true },
    hang: { concurrency: 10 },
    die: {},
    keep: {
      payload: { at: Schema.Date, size: Schema.BigInt, bytes: Schema.Uint8Array, ratio: Schema.Number },
      success: Schema.Struct({ at: Schema.Date, size: Schema.BigInt, bytes: Schema.Uint8Array, ratio: Schema.Number })
    }
  },
  signals: { typing: { payload: { room: Schema.String } } },
  events: { typing2: { payload: { room: Schema.String } } },
  relays: ["whisper"]
})

const ChatLive = Contract.implement(Chat, {
  join: Effect.fnUntraced(function* ({ room }, { connection }) {
    const rooms = yield* Rooms
    if (room === "full") return yield* new RoomFull({ room })
    yield* rooms.join(room, connection.id)
    return (yield* rooms.members(room)).length
  }),
  leave: Effect.fnUntraced(function* ({ room }, { connection }) {
    yield* (yield* Rooms).leave(room, connection.id)
  }),
  count: ({ to }) =>
    to < 0 ? Stream.fail(new RoomFull({ room: "none" })) : Stream.fromIterable(Array.from({ length: to }, (_, i) => i)),
  hang: () => Effect.never,
  die: () => Effect.die("a secret"),
  keep: (values) => Effect.succeed(values),
  typing: Effect.fnUntraced(function* ({ room }) {
    yield* (yield* Rooms).publish(room, Chat.events.typing2, { room })
  }),
  whisper: ({ to }) => Effect.succeed({ to: [to] })
})

const scope = Scope.makeUnsafe()
const strangers: Array<Stranger> = []
let port: number
let drain: Effect.Effect<void>

beforeAll(async () => {
  const layer = Layer.merge(Gateway.layer(), Transports.layer(Tcp.listener({ port: 0, maxFrameBytes: 65_536 })))
  const program = Effect.gen(function* () {
    const context = yield* Layer.build(layer)
    const [address = ""] = yield* Effect.provideContext(Gateway.serve(ChatLive), context)
    drain = Effect.provideContext(
      Effect.flatMap(Gateway.Gateway, (gateway) => gateway.drain),
      context
    )
    return Number(new URL(address).port)
  }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  port = await Effect.runPromise(Scope.provide(program, scope))
})
afterEach(() => {
  for (const stranger of strangers.splice(0)) stranger.close()
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const dial = async (wire: "json" | "binary"): Promise<Stranger> => {
  const stranger = await Stranger.connect(port, wire)
  strangers.push(stranger)
  return stranger
}
const greeted = async (wire: "json" | "binary") => {
  const stranger = await dial(wire)
  const { payload } = await stranger.hello()
  return {
    stranger,
    hello: payload as { connection: string; messages: ReadonlyArray<readonly [number, string, string]> }
  }
}
const controlled = (stranger: Stranger) => stranger.next(({ kind }) => kind === "control")
const codeOf = ({ fault, payload }: Envelope): unknown =>
  ((fault ?? (payload as { fault?: unknown } | undefined)?.fault) as { code?: unknown } | undefined)?.code

describe.each(["json", "binary"] as const)("a stranger on the %s wire", (wire) => {
  it("is greeted with the version, its name, the limit and the table (§3)", async () => {
    const stranger = await dial(wire)
    expect(await stranger.hello()).toEqual({
      kind: "hello",
      payload: {
        version: 1,
        connection: expect.stringMatching(/./),
        maxFrameBytes: 65_536,
        messages: [
          [expect.any(Number), "request", "chat.join"],
          [expect.any(Number), "request", "chat.leave"],
          [expect.any(Number), "request", "chat.count"],
          [expect.any(Number), "request", "chat.hang"],
          [expect.any(Number), "request", "chat.die"],
          [expect.any(Number), "request", "chat.keep"],
          [expect.any(Number), "signal", "chat.typing"],
          [expect.any(Number), "event", "chat.typing2"],
          [expect.any(Number), "relay", "chat.whisper"]
        ]
      }
    })
  })

  it("may say a wrong hello again, and is closed without a version in common (§3)", async () => {
    const stranger = await dial(wire)
    expect(codeOf(await stranger.hello({ min: "1" }))).toBe("BAD_PAYLOAD")
    expect((await stranger.hello()).kind).toBe("hello")
    stranger.send({ kind: "hello", payload: { min: 1, max: 1 } })
    expect(codeOf(await controlled(stranger))).toBe("UNSUPPORTED_KIND")
    const future = await dial(wire)
    expect(codeOf(await future.hello({ min: 2, max: 9 }))).toBe("UNSUPPORTED_VERSION")
    await future.closed
  })

  it("asks, and is answered with a success, nothing, a declared error or a fault (§4, §5)", async () => {
    const { stranger } = await greeted(wire)
    expect(await stranger.request("chat.join", { room: `${wire}-a`, unknown: 1 })).toMatchObject({ payload: 1 })
    const left = await stranger.request("chat.leave", { room: `${wire}-a` })
    expect(Object.keys(left).toSorted()).toEqual(["id", "kind"])
    expect((await stranger.request("chat.join", { room: "full" })).error).toEqual({ _tag: "RoomFull", room: "full" })
    expect((await stranger.request("chat.join", { room: 7 })).fault).toMatchObject({
      code: "BAD_PAYLOAD",
      path: ["room"]
    })
    expect(codeOf(await stranger.request("chat.shout", { room: "a" }))).toBe("UNKNOWN_MESSAGE")
    const { fault } = await stranger.request("chat.die")
    expect(fault).toMatchObject({ code: "INTERNAL", reference: expect.stringMatching(/./) })
    expect(JSON.stringify(fault)).not.toContain("secret")
  })

  it("gets a stream as items and an end, or as a response that fails (§4)", async () => {
    const { stranger } = await greeted(wire)
    const id = stranger.ask({ kind: "request", name: "chat.count", payload: { to: 3 } })
    for (const payload of [0, 1, 2]) {
      expect(await stranger.next((envelope) => envelope.id === id)).toEqual({ kind: "item", id, payload })
    }
    expect(await stranger.next((envelope) => envelope.id === id)).toEqual({ kind: "end", id })
    expect((await stranger.request("chat.count", { to: -1 })).error).toEqual({ _tag: "RoomFull", room: "none" })
  })

  it("gives a request up, and may not use an id twice (§4)", async () => {
    const { stranger } = await greeted(wire)
    const id = stranger.ask({ kind: "request", name: "chat.hang" })
    stranger.send({ kind: "request", id, name: "chat.hang" })
    expect(codeOf(await controlled(stranger))).toBe("DUPLICATE_ID")
    stranger.send({ kind: "cancel", id })
    expect(codeOf(await stranger.answer(id))).toBe("CANCELLED")
    stranger.send({ kind: "cancel", id })
    stranger.send({ kind: "request", name: "chat.hang" })
    expect(codeOf(await controlled(stranger))).toBe("MALFORMED_FRAME")
  })

  it("sends meta: a deadline, what is not known, what is critical (§2.3)", async () => {
    const { stranger } = await greeted(wire)
    expect(codeOf(await stranger.request("chat.hang", undefined, [["deadline", "20"]]))).toBe("DEADLINE_EXCEEDED")
    expect(codeOf(await stranger.request("chat.hang", undefined, [["deadline", "soon"]]))).toBe("UNSUPPORTED_META")
    expect(codeOf(await stranger.request("chat.hang", undefined, [["!trace", "1"]]))).toBe("UNSUPPORTED_META")
    expect(await stranger.request("chat.leave", { room: "a" }, [["trace", "1"]])).not.toHaveProperty("fault")
  })

  it("signals, and hears events (§4)", async () => {
    const { stranger } = await greeted(wire)
    const room = `${wire}-events`
    await stranger.request("chat.join", { room })
    stranger.send({ kind: "signal", name: "chat.typing", payload: { room } })
    expect(await stranger.next(({ kind }) => kind === "event")).toEqual({
      kind: "event",
      name: "chat.typing2",
      payload: { room }
    })
    stranger.send({ kind: "signal", name: "chat.typing", payload: {} })
    expect(codeOf(await controlled(stranger))).toBe("BAD_PAYLOAD")
  })

  it("relays to a client of the other wire, which sees the sender that the server knows (§4)", async () => {
    const { hello, stranger } = await greeted(wire)
    const other = await greeted(wire === "json" ? "binary" : "json")
    const bytes = Buffer.from([0xff, 0, 0x7b]).toString("base64")
    const relay = { kind: "relay", name: "chat.whisper", to: other.hello.connection, bytes }
    const id = stranger.ask({ ...relay, ...(wire === "json" ? { from: "somebody else" } : {}) })
    expect(await stranger.answer(id)).toEqual({ kind: "response", id, payload: 1 })
    expect(await other.stranger.next(({ kind }) => kind === "relay")).toEqual({
      kind: "relay",
      name: "chat.whisper",
      from: hello.connection,
      bytes
    })
    expect(codeOf(await stranger.answer(stranger.ask({ ...relay, to: "nobody" })))).toBe("NO_RECIPIENT")
  })

  it("sends values that JSON lacks in their forms (§2.4)", async () => {
    const { stranger } = await greeted(wire)
    const raw = Uint8Array.of(1, 2, 255)
    const values = {
      at: "2026-01-02T03:04:05.678Z",
      size: "123456789012345678901234567890",
      bytes: wire === "json" ? Buffer.from(raw).toString("base64") : raw,
      ratio: "-Infinity"
    }
    expect(await stranger.request("chat.keep", values)).toMatchObject({ payload: values })
  })

  it("pings, sends unknown kinds and broken frames, and the connection goes on (§5, §6)", async () => {
    const { stranger } = await greeted(wire)
    stranger.send({ kind: "control", payload: { type: "ping", token: [1, "a"] } })
    expect((await controlled(stranger)).payload).toEqual({ type: "pong", token: [1, "a"] })
    stranger.send({ kind: "control", payload: { type: "new-in-version-2" } })
    stranger.send({ kind: "credit", id: 1 })
    expect(codeOf(await stranger.answer(1))).toBe("UNSUPPORTED_KIND")
    stranger.raw(framed(wire === "json" ? Buffer.from(`{"kind":`) : Buffer.from([2, 0, 0])))
    expect(codeOf(await controlled(stranger))).toBe("MALFORMED_FRAME")
    stranger.raw(framed(wire === "json" ? Buffer.from([0x7b, 0xc3, 0x28]) : Buffer.from([2, 0x80, 0, 1, 0, 0, 0, 9])))
    expect(codeOf(await (wire === "json" ? controlled(stranger) : stranger.answer(9)))).toBe("MALFORMED_FRAME")
    expect(await stranger.request("chat.leave", { room: "a" })).not.toHaveProperty("fault")
  })

  it("may send frames in any pieces (§1)", async () => {
    const { stranger } = await greeted(wire)
    const frames = [100, 101, 102].map((id) =>
      stranger.encode({ kind: "request", id, name: "chat.leave", payload: { room: "a" } })
    )
    for (const byte of Buffer.concat(frames)) stranger.raw(Uint8Array.of(byte))
    for (const id of [100, 101, 102]) expect(await stranger.answer(id)).toEqual({ kind: "response", id })
  })

  it("is closed for a frame over the limit, before its bytes come (§1)", async () => {
    const { stranger } = await greeted(wire)
    stranger.raw(Uint8Array.of(0, 1, 0, 1))
    await stranger.closed
  })
})

describe("a stranger", () => {
  it("sends more at once on the json wire, before the hello is answered, and not on the binary one (§3)", async () => {
    const json = await dial("json")
    const hello = json.hello()
    expect(await json.request("chat.leave", { room: "a" })).not.toHaveProperty("fault")
    expect((await hello).kind).toBe("hello")
    const binary = await dial("binary")
    binary.send({ kind: "request", id: 1, name: "chat.leave", payload: { room: "a" } })
    await binary.closed
  })

  it("is closed when its first frame is of no wire (§1)", async () => {
    const stranger = await dial("json")
    stranger.raw(framed(Buffer.from("GET / HTTP/1.1")))
    await stranger.closed
  })

  // last: the gateway takes nothing more
  it("is told to go before the server closes (§6, §7)", async () => {
    const { stranger } = await greeted("binary")
    const id = stranger.ask({ kind: "request", name: "chat.hang", meta: [["deadline", "300"]] })
    // answered after the request before it has begun
    await stranger.request("chat.leave", { room: "a" })
    const drained = Effect.runPromise(drain)
    expect((await controlled(stranger)).payload).toEqual({
      type: "goaway",
      reason: expect.stringMatching(/./),
      retryAfterMillis: expect.any(Number)
    })
    expect(codeOf(await stranger.request("chat.leave", { room: "a" }))).toBe("UNAVAILABLE")
    expect(codeOf(await stranger.answer(id))).toBe("DEADLINE_EXCEEDED")
    await stranger.closed
    await drained
  })
})
