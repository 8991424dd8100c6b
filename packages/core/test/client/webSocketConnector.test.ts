import assert from "node:assert/strict"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as References from "effect/References"
import * as Scope from "effect/Scope"
import { Turn, type TurnShape } from "../../src/app/Turn.ts"
import * as WebSocketConnector from "../../src/client/WebSocketConnector.ts"
import type { ConnectionHandler } from "../../src/transport/Transport.ts"

type Listener = Parameters<WebSocketConnector.PlatformSocket["addEventListener"]>[1]
type Event = Parameters<Listener>[0]

/** A platform's socket in the hands of the test. */
class FakeSocket implements WebSocketConnector.PlatformSocket {
  static last: FakeSocket
  binaryType = "blob"
  bufferedAmount = 0
  readyState = 0
  protocol = ""
  readonly sent: Array<string | Uint8Array> = []
  readonly closes: Array<ReadonlyArray<unknown>> = []
  private readonly listeners = new Map<string, Array<Listener>>()
  readonly url: string

  constructor(url: string) {
    this.url = url
    FakeSocket.last = this
  }
  send(data: string | Uint8Array): void {
    this.sent.push(typeof data === "string" ? data : data.slice())
    this.bufferedAmount += data.length
  }
  close(...args: ReadonlyArray<unknown>): void {
    this.readyState = 2
    this.closes.push(args)
  }
  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener])
  }
  emit(type: string, event: Event = {}): void {
    if (type === "open") this.readyState = 1
    if (type === "close") this.readyState = 3
    for (const listener of this.listeners.get(type) ?? []) listener(event)
  }
}

/** A clock that only the test moves. */
class Clock implements TurnShape {
  private time = 0
  private timers: Array<{ readonly at: number; readonly task: () => void }> = []
  readonly now = () => this.time
  readonly schedule = (task: () => void) => void this.arm(0, task)
  readonly arm = (millis: number, task: () => void) => {
    const timer = { at: this.time + millis, task }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }
  move(millis: number): void {
    this.time += millis
    const due = this.timers.filter(({ at }) => at <= this.time)
    this.timers = this.timers.filter(({ at }) => at > this.time)
    for (const { task } of due) task()
  }
}

const quiet: ConnectionHandler = { onFrame: () => {}, onDrain: () => {}, onClose: () => {} }

/** An open connection over a fake socket. */
const opened = Effect.fnUntraced(function* (
  handler: Partial<ConnectionHandler>,
  options: Partial<WebSocketConnector.WebSocketConnectorOptions> = {}
) {
  const clock = new Clock()
  const connector = WebSocketConnector.make({ url: "wss://app.example/ws?x=1", WebSocket: FakeSocket, ...options })
  const connecting = yield* connector
    .connect(() => ({ ...quiet, ...handler }))
    .pipe(Effect.provideService(Turn, clock), Effect.forkChild({ startImmediately: true }))
  const socket = FakeSocket.last
  socket.emit("open")
  const connection = yield* Fiber.join(connecting)
  // the scope's own close waits for the platform's
  yield* Effect.addFinalizer(() => Effect.sync(() => socket.emit("close", { code: 1000, reason: "" })))
  return { clock, socket, connection }
})

describe("WebSocketConnector", () => {
  it.effect("describes the peer by the URL", () =>
    Effect.gen(function* () {
      const { connection, socket } = yield* opened({})
      assert.equal(socket.binaryType, "arraybuffer")
      assert.equal(connection.peer.address, "app.example")
      assert.equal(connection.peer.path, "/ws?x=1")
      assert.equal(connection.peer.secure, true)
    })
  )

  it.effect("asks for the URL at each connect", () =>
    Effect.gen(function* () {
      let token = 0
      const url = () => `ws://app.example/ws?token=${++token}`
      yield* opened({}, { url })
      assert.match(FakeSocket.last.url, /token=1$/)
      yield* opened({}, { url })
      assert.match(FakeSocket.last.url, /token=2$/)
    })
  )

  it.effect("sends text as text and bytes as bytes", () =>
    Effect.gen(function* () {
      const { connection, socket } = yield* opened({})
      const text = new TextEncoder().encode("\ufeffκόσμε")
      connection.send(text, "text")
      connection.write(100, 5, (to, at) => (to.set(text, at), text.length), "text")
      connection.send(Uint8Array.of(1, 2), "binary")
      connection.write(100, 5, () => -1, "text")
      assert.deepEqual(socket.sent, ["\ufeffκόσμε", "\ufeffκόσμε", Uint8Array.of(1, 2)])
    })
  )

  it.effect("answers full at the mark, refused at the bound, and calls onDrain once the platform's queue is down", () =>
    Effect.gen(function* () {
      let drains = 0
      const limits = { highWaterMark: 100, maxPendingBytes: 200 }
      const { clock, connection, socket } = yield* opened(
        { onDrain: () => void drains++ },
        { limits, drainCheckMillis: 10 }
      )
      assert.equal(connection.send(new Uint8Array(60), "binary"), "sent")
      assert.equal(connection.send(new Uint8Array(60), "binary"), "full")
      assert.equal(connection.send(new Uint8Array(60), "binary"), "full")
      assert.equal(connection.send(new Uint8Array(60), "binary"), "refused")
      assert.equal(connection.pendingBytes(), 180)
      clock.move(10)
      socket.bufferedAmount = 100
      clock.move(10)
      assert.equal(drains, 0)
      socket.bufferedAmount = 99
      clock.move(10)
      assert.equal(drains, 1)
      clock.move(1000)
      assert.equal(drains, 1)
    })
  )

  it.effect("fails in time when nothing answers, and gives the socket up", () =>
    Effect.gen(function* () {
      const clock = new Clock()
      const connector = WebSocketConnector.make({ url: "ws://h/", WebSocket: FakeSocket, timeoutMillis: 50 })
      const connecting = yield* connector
        .connect(() => quiet)
        .pipe(Effect.flip, Effect.provideService(Turn, clock), Effect.forkChild({ startImmediately: true }))
      clock.move(50)
      assert.equal((yield* Fiber.join(connecting)).reason, "timeout")
      assert.equal(FakeSocket.last.closes.length, 1)
    })
  )

  it.effect("gives the socket up when connecting is interrupted", () =>
    Effect.gen(function* () {
      const connector = WebSocketConnector.make({ url: "ws://h/", WebSocket: FakeSocket })
      const connecting = yield* connector.connect(() => quiet).pipe(Effect.forkChild({ startImmediately: true }))
      const socket = FakeSocket.last
      yield* Fiber.interrupt(connecting)
      assert.equal(socket.closes.length, 1)
    })
  )

  it.effect("says so where the platform has no WebSocket", () =>
    Effect.gen(function* () {
      const had = globalThis.WebSocket
      yield* Effect.acquireRelease(
        Effect.sync(() => Reflect.deleteProperty(globalThis, "WebSocket")),
        () =>
          Effect.sync(() =>
            Object.defineProperty(globalThis, "WebSocket", { value: had, configurable: true, writable: true })
          )
      )
      const error = yield* Effect.flip(WebSocketConnector.make({ url: "ws://h/" }).connect(() => quiet))
      assert.match(error.message, /no WebSocket/)
    })
  )

  it.effect("ends by itself when the platform does not end a closed socket", () =>
    Effect.gen(function* () {
      const closes: Array<readonly [number, string]> = []
      const { clock, connection, socket } = yield* opened({
        onClose: (code, reason) => void closes.push([code, reason])
      })
      connection.close(4000, "é".repeat(100))
      connection.close(4001, "again")
      assert.deepEqual(socket.closes, [[4000, "é".repeat(61)]])
      assert.deepEqual(closes, [])
      clock.move(3000)
      assert.deepEqual(closes, [[4000, "é".repeat(100)]])
      socket.emit("close", { code: 1006, reason: "" })
      assert.equal(closes.length, 1)
    })
  )

  it.effect("closes a message over the limit with 1009 and a handler that throws with 1011", () =>
    Effect.gen(function* () {
      for (const [size, code] of [
        [11, 1009],
        [10, 1011]
      ]) {
        const closes: Array<number> = []
        const { socket } = yield* opened(
          {
            onFrame: () => {
              throw new Error("a bug")
            },
            onClose: (code) => void closes.push(code)
          },
          { maxFrameBytes: 10 }
        )
        socket.emit("message", { data: new ArrayBuffer(size as number) })
        socket.emit("message", { data: "late" })
        socket.emit("close", { code: 1005, reason: "" })
        assert.deepEqual(closes, [code])
      }
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  )

  it.effect("bounds what it holds while paused, empty messages too", () =>
    Effect.gen(function* () {
      const { connection, socket } = yield* opened({}, { maxHeldBytes: 1024 })
      connection.pause()
      for (let i = 0; i < 100; i++) socket.emit("message", { data: "" })
      assert.equal(socket.closes.length, 1)
    })
  )

  it.effect("closes with its scope", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const closes: Array<number> = []
      const { socket } = yield* Scope.provide(opened({ onClose: (code) => void closes.push(code) }), scope)
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* Fiber.join(closing)
      assert.deepEqual(closes, [1000])
      assert.deepEqual(socket.closes.length, 0)
    })
  )
})
