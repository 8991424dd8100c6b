import { assert, describe, it } from "@effect/vitest"
import { until } from "@mortise/core/testing/until"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { NameTaken, NotJoined, RoomFull } from "../src/contract.ts"
import * as RawPeer from "./RawPeer.ts"
import * as Stage from "./Stage.ts"

/** Everything that a stream gives from now on. */
const hear = Effect.fnUntraced(function* <A, E>(stream: Stream.Stream<A, E>) {
  const heard: Array<A> = []
  const listen = Stream.runForEach(stream, (one) => Effect.sync(() => heard.push(one)))
  yield* Effect.forkScoped(listen, { startImmediately: true })
  return heard
})

const room = "lobby"
const count = 20

describe("chat", () => {
  it.live("gives everyone in a room the same messages in the same order, over every transport", () =>
    Effect.gen(function* () {
      const stage = yield* Stage.start()
      const clients = [yield* stage.overUnix, yield* stage.overTcp, yield* stage.overWebSocket]
      const stranger = yield* RawPeer.connect(stage.webSocket)
      const heard = yield* Effect.forEach(clients, (client) => hear(client.events.message))
      yield* Effect.forEach(clients, (client, i) => client.request.join({ name: `client-${i}`, room }))
      yield* stranger.ask("chat.join", { name: "stranger", room })

      const say = (i: number) => ({ text: `message ${i} ☃` })
      for (let i = 0; i < count; i++) stranger.send({ kind: "request", id: 100 + i, name: "chat.say", payload: say(i) })
      yield* Effect.forEach(
        clients,
        (client) =>
          Effect.forEach(
            Array.from({ length: count }, (_, i) => say(i)),
            client.request.say
          ),
        { concurrency: "unbounded" }
      )

      const total = count * (clients.length + 1)
      const toStranger = () =>
        stranger.events("chat.message").map(({ payload }) => payload as { id: number; name: string })
      yield* until("all messages have come", () => [...heard, toStranger()].every(({ length }) => length === total))
      const ids = toStranger().map(({ id }) => id)
      assert.deepStrictEqual(
        ids,
        ids.toSorted((a, b) => a - b)
      )
      for (const messages of heard) {
        assert.deepStrictEqual(
          messages.map(({ id }) => id),
          ids
        )
        const fromStranger = messages.filter(({ name }) => name === "stranger").map(({ text }) => text)
        assert.deepStrictEqual(
          fromStranger,
          Array.from({ length: count }, (_, i) => say(i).text)
        )
      }
    })
  )

  it.live("tells a room who comes and goes, and lists members and rooms", () =>
    Effect.gen(function* () {
      const stage = yield* Stage.start()
      const ada = yield* stage.overUnix
      const joined = yield* hear(ada.events.joined)
      const left = yield* hear(ada.events.left)
      yield* ada.request.join({ name: "ada", room })
      const bob = yield* RawPeer.connect(stage.webSocket)
      const { payload } = yield* bob.ask("chat.join", { name: "bob", room })
      assert.deepStrictEqual(payload, { members: ["ada", "bob"], history: [] })
      assert.deepStrictEqual(yield* ada.request.who(), ["ada", "bob"])
      assert.deepStrictEqual(yield* ada.request.rooms(), [{ room, members: 2 }])
      assert.deepStrictEqual(joined, [{ room, name: "bob" }])

      yield* bob.ask("chat.join", { name: "bob", room: "attic" })
      assert.deepStrictEqual(yield* ada.request.who(), ["ada"])
      yield* ada.request.say({ text: "is bob gone?" })
      yield* bob.ask("chat.who")
      assert.deepStrictEqual(bob.events("chat.message"), [], "another room is not heard")
      yield* bob.ask("chat.join", { name: "bobby", room })
      bob.socket.close()
      yield* until("bobby has left", () => left.some(({ name }) => name === "bobby"))
      assert.deepStrictEqual(left, [
        { room, name: "bob" },
        { room, name: "bobby" }
      ])
      assert.deepStrictEqual(yield* ada.request.rooms(), [{ room, members: 1 }])
    })
  )

  it.live("keeps a name for one connection, until that closes", () =>
    Effect.gen(function* () {
      const stage = yield* Stage.start()
      const other = yield* stage.overTcp
      yield* Effect.scoped(
        Effect.gen(function* () {
          const first = yield* stage.overUnix
          yield* first.request.join({ name: "Ada", room })
          const error = yield* Effect.flip(other.request.join({ name: "ada", room: "attic" }))
          assert.deepStrictEqual(error, new NameTaken({ name: "ada" }))
          assert.deepStrictEqual(yield* Effect.flip(other.request.who()), new NotJoined())
        })
      )
      // the server learns of the closing a moment later
      yield* Effect.repeat(other.request.rooms(), { until: (rooms) => rooms.length === 0, times: 10_000 })
      yield* other.request.join({ name: "ada", room })
      assert.deepStrictEqual(yield* other.request.who(), ["ada"])
    })
  )

  it.live("lets no more people into a room than it holds", () =>
    Effect.gen(function* () {
      const stage = yield* Stage.start({ chat: { membersPerRoom: 1 } })
      const [ada, bob] = [yield* stage.overUnix, yield* stage.overTcp]
      yield* ada.request.join({ name: "ada", room })
      assert.deepStrictEqual(yield* Effect.flip(bob.request.join({ name: "bob", room })), new RoomFull({ room }))
    })
  )

  it.live("tells the others who is typing", () =>
    Effect.gen(function* () {
      const stage = yield* Stage.start()
      const ada = yield* stage.overUnix
      const bob = yield* stage.overTcp
      const [toAda, toBob] = [yield* hear(ada.events.typing), yield* hear(bob.events.typing)]
      yield* ada.signal.type()
      yield* ada.request.join({ name: "ada", room })
      yield* bob.request.join({ name: "bob", room })
      yield* ada.signal.type()
      yield* until("bob knows", () => toBob.length > 0)
      yield* bob.signal.type()
      yield* until("ada knows", () => toAda.length > 0)
      assert.deepStrictEqual([toAda, toBob], [[{ room, name: "bob" }], [{ room, name: "ada" }]])
    })
  )

  it.live("passes a whisper to one person, as it is, with the sender's name", () =>
    Effect.gen(function* () {
      const stage = yield* Stage.start()
      const [ada, eve] = [yield* stage.overUnix, yield* stage.overTcp]
      const bob = yield* RawPeer.connect(stage.webSocket)
      const [toAda, toEve] = [yield* hear(ada.relayed.whisper), yield* hear(eve.relayed.whisper)]
      yield* ada.request.join({ name: "ada", room })
      yield* bob.ask("chat.join", { name: "bob", room: "attic" })

      const bytes = Uint8Array.of(0xff, 0x00, 0xfe)
      bob.send({
        kind: "relay",
        name: "chat.whisper",
        to: "ADA",
        from: "eve",
        bytes: Buffer.from(bytes).toString("base64")
      })
      yield* until("the whisper has come", () => toAda.length > 0)
      assert.deepStrictEqual(toAda, [{ from: "bob", bytes }])

      const refused = (client: typeof ada, to: string, size = 1) =>
        Effect.map(Effect.flip(client.relay.whisper(to, new Uint8Array(size))), (error) =>
          error._tag === "RequestFault" ? error.fault : error._tag
        )
      assert.strictEqual(yield* refused(eve, "ada"), "NO_RECIPIENT", "a sender without a name")
      assert.strictEqual(yield* refused(ada, "nobody"), "NO_RECIPIENT")
      assert.strictEqual(yield* refused(ada, "bob", 8193), "NO_RECIPIENT", "too large")
      assert.strictEqual(yield* ada.relay.whisper("bob", bytes), 1)
      assert.deepStrictEqual(toEve, [])
    })
  )
})

describe("what does not fit the contract", () => {
  const bad: ReadonlyArray<readonly [what: string, name: string, payload: unknown, path: ReadonlyArray<string>]> = [
    ["a name with a space", "chat.join", { name: "a b", room }, ["name"]],
    ["a name of control characters", "chat.join", { name: "\u001b[2J", room }, ["name"]],
    ["a name of 25 letters", "chat.join", { name: "a".repeat(25), room }, ["name"]],
    ["a room with capitals", "chat.join", { name: "bob", room: "Lobby" }, ["room"]],
    ["no room", "chat.join", { name: "bob" }, ["room"]],
    ["an empty text", "chat.say", { text: " \n " }, ["text"]],
    ["a text of 2001 characters", "chat.say", { text: "a".repeat(2001) }, ["text"]],
    ["an escape sequence", "chat.say", { text: "\u001b]0;title\u0007" }, ["text"]],
    ["a reversed text", "chat.say", { text: "\u202egnp.exe" }, ["text"]],
    ["a number", "chat.say", { text: 7 }, ["text"]],
    ["nothing", "chat.say", undefined, []]
  ]

  it.live.each(bad)("is refused with the place: %s", ([, name, payload, path]) =>
    Effect.gen(function* () {
      const stage = yield* Stage.start()
      const peer = yield* RawPeer.connect(stage.webSocket)
      const { fault } = yield* peer.ask(name, payload)
      assert.deepStrictEqual([fault?.code, fault?.path ?? []], ["BAD_PAYLOAD", path])
      assert.strictEqual(
        (yield* peer.ask("chat.join", { name: "bob", room })).fault,
        undefined,
        "the connection goes on"
      )
    })
  )

  it.live("is told apart from what is declared and from what is unknown", () =>
    Effect.gen(function* () {
      const stage = yield* Stage.start()
      const peer = yield* RawPeer.connect(stage.webSocket)
      assert.deepStrictEqual((yield* peer.ask("chat.say", { text: "hi" })).error, { _tag: "NotJoined" })
      assert.strictEqual((yield* peer.ask("chat.sing", { text: "hi" })).fault?.code, "UNKNOWN_MESSAGE")
    })
  )
})

describe("the page", () => {
  it.live("is served with a policy that lets nothing foreign run", () =>
    Effect.gen(function* () {
      const stage = yield* Stage.start()
      for (const [path, type] of [
        ["/", "text/html"],
        ["/chat.css", "text/css"],
        ["/chat.js", "text/javascript"]
      ] as const) {
        const response = yield* Effect.promise(() => fetch(stage.page + path))
        assert.strictEqual(response.status, 200, path)
        assert.include(response.headers.get("content-type"), type)
        assert.include(response.headers.get("content-security-policy"), "script-src 'self'")
        assert.notMatch(yield* Effect.promise(() => response.text()), /innerHTML|\son\w+="|style="/)
      }
      const outside = yield* Effect.promise(() => fetch(`${stage.page}/..%2fpackage.json`))
      assert.strictEqual(outside.status, 404)
    })
  )
})
