import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Turn } from "../../../src/app/Turn.ts"
import * as Client from "../../../src/client/Client.ts"
import { World } from "../../../src/testing/gateway-kit/World.ts"
import * as ManualTurn from "../../../src/testing/ManualTurn.ts"
import { turns, until } from "../../../src/testing/until.ts"
import * as Contract from "../../../src/transport/Contract.ts"
import * as Gateway from "../../../src/transport/Gateway.ts"
import { pack, unpack } from "../../../src/transport/internal/messagePack.ts"
import { JsonWire } from "../../../src/transport/JsonWire.ts"
import * as Memory from "../../../src/transport/Memory.ts"
import { Rooms } from "../../../src/transport/Rooms.ts"
import type { Connection } from "../../../src/transport/Transport.ts"
import * as Transports from "../../../src/transport/Transports.ts"
import * as LineWire from "./LineWire.ts"
import * as MapWire from "./MapWire.ts"

class RoomFull extends Schema.TaggedError<RoomFull>()("RoomFull", { room: Schema.String }) {}
const Chat = Contract.make("chat", {
  requests: {
    join: { payload: { room: Schema.String, name: Schema.String }, success: Schema.Int, error: RoomFull },
    names: { payload: { room: Schema.String }, success: Schema.String, stream: true },
    /** concurrent where the wire allows it */
    wait: { payload: { key: Schema.String }, success: Schema.String, concurrency: 8, deadline: 100 },
    die: {}
  },
  signals: { say: { payload: { room: Schema.String, text: Schema.String } } },
  events: { said: { payload: { from: Schema.String, text: Schema.String } } }
})

/** The same implementation, whatever is spoken. */
const implement = (world: World) => {
  const names = new Map<string, string>()
  return Contract.implement(
    Chat,
    {
      join: Effect.fnUntraced(function* ({ name, room }, { connection }) {
        if (room === "full") return yield* new RoomFull({ room })
        names.set(connection.id, name)
        const rooms = yield* Rooms
        yield* rooms.join(room, connection.id)
        world.note(`${name} joins ${room}`)
        return (yield* rooms.members(room)).length
      }),
      names: ({ room }) =>
        Stream.unwrap(
          Effect.gen(function* () {
            const rooms = yield* Rooms
            const members = yield* rooms.members(room)
            return Stream.fromIterable(members.map((id) => names.get(id) ?? "?"))
          })
        ),
      wait: ({ key }) => world.pass(key),
      die: () => Effect.die(new Error("secret")),
      say: Effect.fnUntraced(function* ({ room, text }, { connection }) {
        const rooms = yield* Rooms
        yield* rooms.publish(room, Chat.events.said, { from: names.get(connection.id) ?? "?", text })
      })
    },
    {
      opened: ({ connection }) =>
        Effect.gen(function* () {
          const rooms = yield* Rooms
          yield* rooms.join("everybody", connection.id)
          world.note("opened")
        })
    }
  )
}

const line = LineWire.make(
  {
    JOIN: { kind: "request", message: "chat.join", fields: ["room", "name"] },
    NAMES: { kind: "request", message: "chat.names", fields: ["room"] },
    WAIT: { kind: "request", message: "chat.wait", fields: ["key"] },
    DIE: { kind: "request", message: "chat.die", fields: [] },
    LATER: { kind: "request", message: "chat.later", fields: [] },
    SAY: { kind: "signal", message: "chat.say", fields: ["room", "text"] }
  },
  { SAID: "chat.said" }
)
const map = MapWire.make("chat", ["join"], () => new Date(1_795_000_000_000))

const setup = Effect.gen(function* () {
  const world = new World()
  const turn = yield* ManualTurn.make
  const doors = {
    lines: Memory.make({ name: "lines" }),
    maps: Memory.make({ name: "maps" }),
    ours: Memory.make({ name: "ours" })
  }
  const wires = (listener: string) => (listener === "lines" ? [line] : listener === "maps" ? [map] : [JsonWire, line])
  const context = yield* Layer.build(
    Layer.merge(
      Gateway.layer({ wires, maxBacklog: 8 }),
      Transports.layer(doors.lines.listener, doors.maps.listener, doors.ours.listener)
    )
  ).pipe(Effect.provideService(Turn, turn), Effect.provideService(References.MinimumLogLevel, "None"))
  yield* Effect.provideContext(Gateway.serve(implement(world)), context)
  return { ...doors, world, turn, gateway: Context.get(context, Gateway.Gateway), rooms: Context.get(context, Rooms) }
})

/** A peer that knows nothing but frames. */
const open = Effect.fnUntraced(function* (memory: Memory.Memory) {
  const frames: Array<Uint8Array> = []
  let isClosed = false
  const connection: Connection = yield* memory.connector.connect(() => ({
    onFrame: (bytes, start, end) => void frames.push(Uint8Array.from(bytes.subarray(start, end))),
    onDrain: () => {},
    onClose: () => {
      isClosed = true
    }
  }))
  const lines = () => frames.map((frame) => new TextDecoder().decode(frame))
  return {
    frames,
    lines,
    connection,
    isClosed: () => isClosed,
    say: (...texts: ReadonlyArray<string>) => {
      for (const text of texts) connection.send(new TextEncoder().encode(text), "text")
    },
    heard: (count: number) =>
      Effect.map(
        until(`${count} lines, there are ${lines().join(" | ")}`, () => frames.length >= count),
        lines
      )
  }
})

describe("a wire of lines: no hello, answers in order", () => {
  it.live("serves requests, streams, errors, signals and events", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { lines } = yield* setup
        const ada = yield* open(lines)
        const bob = yield* open(lines)
        bob.say("JOIN lobby bob")
        yield* bob.heard(1)
        ada.say("JOIN lobby ada", "NAMES lobby", "JOIN full ada", "SAY lobby hello, all of you", "NAMES lobby")
        assert.deepStrictEqual(yield* ada.heard(9), [
          "OK 2",
          `+ "bob"`,
          `+ "ada"`,
          ".",
          `NO {"_tag":"RoomFull","room":"full"}`,
          `* SAID {"from":"ada","text":"hello, all of you"}`,
          `+ "bob"`,
          `+ "ada"`,
          "."
        ])
        assert.deepStrictEqual(yield* bob.heard(2), ["OK 1", `* SAID {"from":"ada","text":"hello, all of you"}`])
      })
    )
  )

  it.live("answers in the order of the questions, whatever ends first and whatever goes wrong", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { lines, world } = yield* setup
        const peer = yield* open(lines)
        peer.say("WAIT a", "WAIT b", "JION lobby", "JOIN lobby", "LATER", "DIE", "NAMES nowhere")
        yield* until("the first runs", () => world.log.includes("start a"))
        world.open("b")
        yield* turns(20)
        assert.deepStrictEqual(peer.lines(), [], "a fault, too, waits for its turn")
        assert.strictEqual(world.log.includes("start b"), false, "concurrent messages are a sequence here")
        world.open("a")
        const answers = yield* peer.heard(7)
        assert.deepStrictEqual(
          answers.map((answer) => answer.split(" ").slice(0, 2).join(" ")),
          [`OK "a"`, `OK "b"`, "ERR UNKNOWN_MESSAGE", "ERR BAD_PAYLOAD", "ERR UNKNOWN_MESSAGE", "ERR INTERNAL", "."]
        )
      })
    )
  )

  it.live("lets what times out while it waits be answered in its turn", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { lines, turn, world } = yield* setup
        const peer = yield* open(lines)
        peer.say("WAIT a", "WAIT b", "JOIN lobby ada", "WAIT c")
        yield* until("the first runs", () => world.log.includes("start a"))
        yield* turns(5)
        turn.advance(90)
        world.open("a")
        yield* until("the second runs", () => world.log.includes("start b"))
        yield* turns(5)
        turn.advance(40)
        world.open("c")
        const answers = yield* peer.heard(4)
        assert.deepStrictEqual(
          answers.map((answer) => answer.split(" ").slice(0, 2).join(" ")),
          [`OK "a"`, "ERR DEADLINE_EXCEEDED", "OK 1", "ERR DEADLINE_EXCEEDED"]
        )
      })
    )
  )

  it.live("stops reading from a peer that asks nonsense faster than it is answered", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { lines, world } = yield* setup
        const peer = yield* open(lines)
        peer.say("WAIT a", ...Array.from({ length: 500 }, () => "NONSENSE"))
        yield* until("the first runs", () => world.log.includes("start a"))
        yield* turns(20)
        assert.ok(peer.connection.pendingBytes() > 400 * "NONSENSE".length, "the backlog is bounded")
        world.open("a")
        assert.strictEqual((yield* peer.heard(501)).filter((answer) => answer.startsWith("ERR")).length, 500)
      })
    )
  )

  it.live("is chosen by its first line beside other wires, and open from then on", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { gateway, ours } = yield* setup
        const peer = yield* open(ours)
        const { request } = yield* Client.make(Chat, ours.connector, { wire: JsonWire })
        peer.say("JOIN lobby ada")
        yield* peer.heard(1)
        assert.strictEqual(yield* request.join({ room: "lobby", name: "bob" }), 2)
        assert.deepStrictEqual((yield* gateway.connections).map(({ state, wire }) => [wire, state]).sort(), [
          ["json", "open"],
          ["line", "open"]
        ])
      })
    )
  )

  it.live("serves the typed client", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { lines, world } = yield* setup
        const { events, request, signal } = yield* Client.make(Chat, lines.connector, { wire: line })
        assert.strictEqual(yield* request.join({ room: "lobby", name: "ada" }), 1)
        const heard = yield* Effect.forkChild(Stream.runHead(events.said), { startImmediately: true })
        yield* signal.say({ room: "lobby", text: "hello there" })
        assert.deepStrictEqual(Option.getOrThrow(yield* Fiber.join(heard)), { from: "ada", text: "hello there" })
        assert.deepStrictEqual(
          yield* Effect.flip(request.join({ room: "full", name: "x" })),
          new RoomFull({ room: "full" })
        )
        // given up: its answer still comes, and is nobody else's
        const waiting = yield* Effect.forkChild(request.wait({ key: "a" }), { startImmediately: true })
        yield* until("it runs", () => world.log.includes("start a"))
        yield* Fiber.interrupt(waiting)
        world.open("a")
        const all = yield* Effect.all(
          [
            Stream.runCollect(request.names({ room: "lobby" })),
            request.join({ room: "b", name: "ada" }),
            Effect.flip(request.die())
          ],
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual([all[0], all[1]], [["ada"], 1])
        assert.ok(all[2]._tag === "RequestFault" && all[2].fault === "INTERNAL")
      })
    )
  )
})

describe("a wire of maps: no hello, no answers", () => {
  const encode = (fields: unknown): Uint8Array => {
    const { bytes, end, start } = pack(fields, 0)
    return Uint8Array.from(bytes.subarray(start, end))
  }
  const message = (event_name: string, data: unknown, message_type = "data") =>
    encode({ event_name, timestamp_ms: 1, timestamp_iso: "2026-11-20T21:42:53.817303+00:00", message_type, data })

  it.live("tells those who only listen, and encodes the five keys in their order", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { gateway, maps, rooms, world } = yield* setup
        const listener = yield* open(maps)
        yield* until("it is open without a word", () => world.log.includes("opened"))
        assert.deepStrictEqual(
          (yield* gateway.connections).map(({ state, wire }) => [wire, state]),
          [["map", "open"]]
        )
        assert.strictEqual(yield* rooms.publish("everybody", Chat.events.said, { from: "x", text: "hi" }), 1)
        yield* until("it arrives", () => listener.frames.length === 1)
        const frame = listener.frames[0] as Uint8Array
        assert.deepStrictEqual(
          Object.entries(unpack(frame, 0, frame.length) as object),
          Object.entries({
            event_name: "said",
            timestamp_ms: 1_795_000_000_000,
            timestamp_iso: new Date(1_795_000_000_000).toISOString().replace("Z", "+00:00"),
            message_type: "data",
            data: { from: "x", text: "hi" }
          })
        )
      })
    )
  )

  it.live("takes what clients tell, answers nothing, tells what is wrong, and goes on", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { maps, turn, world } = yield* setup
        const peer = yield* open(maps)
        const send = (bytes: Uint8Array) => peer.connection.send(bytes, "binary")
        send(message("join", { room: "lobby", name: "ada" }))
        send(message("say", { room: "lobby", text: "hi" }))
        yield* until("the event", () => peer.frames.length === 1)
        assert.ok(world.log.includes("ada joins lobby"), "a request is handled, though its answer has no place")
        for (const wrong of [
          message("say", { room: 7 }),
          message("nope", {}),
          message("no good", {}),
          encode([1]),
          encode({}),
          Uint8Array.of(0xc1)
        ])
          send(wrong)
        yield* until("the faults", () => peer.frames.length === 7)
        const codes = peer.frames.slice(1).map((frame) => {
          const { data, message_type } = unpack(frame, 0, frame.length) as {
            data: { code: string }
            message_type: string
          }
          assert.strictEqual(message_type, "error")
          return data.code
        })
        assert.deepStrictEqual(codes, ["BAD_PAYLOAD", "UNKNOWN_MESSAGE", ...Array(4).fill("MALFORMED_FRAME")])
        send(message("say", { room: "lobby", text: "again" }))
        yield* until("the next event", () => peer.frames.length === 8)
        turn.advance(60_000)
        yield* turns(10)
        assert.strictEqual(peer.isClosed(), false, "no hello is waited for")
      })
    )
  )

  it.live("serves the typed client, whose requests fail at once", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { maps } = yield* setup
        const other = yield* open(maps)
        const { events, request, signal } = yield* Client.make(Chat, maps.connector, { wire: map })
        const heard = yield* Effect.forkChild(Stream.runHead(events.said), { startImmediately: true })
        yield* signal.say({ room: "everybody", text: "hello" })
        assert.deepStrictEqual(Option.getOrThrow(yield* Fiber.join(heard)), { from: "?", text: "hello" })
        yield* until("the other hears it as well", () => other.frames.length === 1)
        const error = yield* Effect.flip(request.join({ room: "lobby", name: "ada" }))
        assert.strictEqual(error._tag, "ContractMismatch")
      })
    )
  )
})
