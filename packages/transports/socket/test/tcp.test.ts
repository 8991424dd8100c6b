// @module-tag process
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { connect, createServer, type Server, type Socket } from "node:net"
import { describe, it } from "@effect/vitest"
import { Turn } from "@mortise/core/app/Turn"
import * as ManualTurn from "@mortise/core/testing/ManualTurn"
import { Recorder } from "@mortise/core/testing/transport-kit/Recorder"
import { turns, until } from "@mortise/core/testing/until"
import * as Framing from "@mortise/core/transport/Framing"
import type { Admission, Admit } from "@mortise/core/transport/Transport"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Tcp from "../src/Tcp.ts"
import { target } from "../src/testing.ts"

const refuse: Admit = () => Effect.succeed({ _tag: "Refuse", status: 503, reason: "full" })

/** Accepts everybody with a recorder each. */
const accepting = (recorders: Array<Recorder> = [], hooks = {}): Admit => {
  return () =>
    Effect.sync((): Admission => {
      const recorder = new Recorder(hooks)
      recorders.push(recorder)
      return { _tag: "Accept", open: recorder.open }
    })
}

/** A port whose server does not run any more, with as many connections waiting as the system holds for it. */
const deaf = Effect.gen(function* () {
  const script = `require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () {
    console.log(this.address().port)
  })`
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] })
  const waiting: Array<Socket> = []
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const socket of waiting) socket.destroy()
      child.kill("SIGKILL")
    })
  )
  let said = ""
  child.stdout.on("data", (chunk) => (said += String(chunk)))
  yield* until("it listens", () => said.endsWith("\n"))
  child.kill("SIGSTOP")
  const port = Number(said)
  // the queue is full once a connection is not accepted by the system any more
  for (let accepted = true; accepted; ) {
    const socket = connect({ port, host: "127.0.0.1" }).on("error", () => undefined)
    waiting.push(socket)
    let connected = false
    socket.on("connect", () => (connected = true))
    yield* turns(50)
    accepted = connected
  }
  return port
})

const occupied = Effect.acquireRelease(
  Effect.callback<Server>((resume) => {
    const server = createServer()
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
  }),
  (server) => Effect.callback<void>((resume) => void server.close(() => resume(Effect.void)))
)

const portOf = (server: Server): number => (server.address() as { readonly port: number }).port

const dial = (addresses: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.callback<Socket>((resume) => {
      const socket = connect({ ...target(addresses), allowHalfOpen: true })
      socket.on("error", () => {})
      socket.on("connect", () => resume(Effect.succeed(socket)))
    }),
    (socket) => Effect.sync(() => void socket.destroy())
  )

describe("Tcp.listener", () => {
  it.live("says where it listens", () =>
    Effect.gen(function* () {
      const [address] = yield* Tcp.listener({ port: 0 }).listen(refuse)
      assert.match(address ?? "", /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/)
    })
  )

  it.live("names the option when its port is in use", () =>
    Effect.gen(function* () {
      const port = portOf(yield* occupied)
      const error = yield* Effect.flip(Tcp.listener({ port }).listen(refuse))
      assert.equal(error.code, "TRANSPORT_LISTEN")
      assert.equal(
        error.message,
        `Port ${port} on 127.0.0.1 is in use. Stop what listens there, or set tcp.port to another one (0 takes any free one).`
      )
    })
  )

  it.live("names its options after itself", () =>
    Effect.gen(function* () {
      const port = portOf(yield* occupied)
      const error = yield* Effect.flip(Tcp.listener({ name: "devices", port }).listen(refuse))
      assert.equal(error.transport, "devices")
      assert.match(error.message, /set devices\.port to/)
    })
  )

  it.live("takes the first free port of a range", () =>
    Effect.gen(function* () {
      const first = portOf(yield* occupied)
      const [address] = yield* Tcp.listener({ portRange: [first, Math.min(first + 20, 65_535)] }).listen(refuse)
      const port = Number(new URL(address ?? "").port)
      assert.ok(port > first && port <= first + 20)
    })
  )

  it.live("says so when a whole range is in use", () =>
    Effect.gen(function* () {
      const port = portOf(yield* occupied)
      const error = yield* Effect.flip(Tcp.listener({ portRange: [port, port] }).listen(refuse))
      assert.equal(error.reason, "listen")
      assert.match(error.message, /is in use/)
    })
  )

  it.live("refuses what is no port, no range or no address of this machine", () =>
    Effect.gen(function* () {
      for (const [options, message] of [
        [{}, /undefined is not a port/],
        [{ port: 70_000 }, /70000 is not a port: give tcp\.port/],
        [{ port: 1.5 }, /1.5 is not a port/],
        [{ portRange: [20, 10] as const }, /20 to 10 is no range of ports: give tcp\.portRange/],
        [{ port: 0, host: "203.0.113.7" }, /203\.0\.113\.7 is not an address of this machine\. Set tcp\.host/],
        [
          { port: 0, maxFrameBytes: 8_000_000, limits: { maxPendingBytes: 4_000_000 } },
          /maxPendingBytes is 4000000, which is no room for one frame of 8000000/
        ]
      ] as const) {
        const error = yield* Effect.flip(Tcp.listener(options).listen(refuse))
        assert.equal(error.reason, "listen")
        assert.match(error.message, message)
      }
    })
  )

  it.live("turns connections over maxConnections away without asking for admission", () =>
    Effect.gen(function* () {
      const recorders: Array<Recorder> = []
      const addresses = yield* Tcp.listener({ port: 0, maxConnections: 2 }).listen(accepting(recorders))
      yield* dial(addresses)
      yield* dial(addresses)
      yield* until("two connections", () => recorders.length === 2)
      const third = yield* dial(addresses)
      yield* until("the third is closed", () => third.readableEnded || third.destroyed || third.closed)
      third.resume()
      yield* turns(20)
      assert.equal(recorders.length, 2)
    })
  )

  it.live("gives admission a limit of time", () =>
    Effect.gen(function* () {
      let interrupted = false
      const admit: Admit = () =>
        Effect.onInterrupt(Effect.never, () =>
          Effect.sync(() => {
            interrupted = true
          })
        )
      const addresses = yield* Tcp.listener({ port: 0, admitTimeoutMillis: 20 }).listen(admit)
      const socket = yield* dial(addresses)
      socket.resume()
      yield* until("the socket is closed", () => socket.readableEnded || socket.closed)
      assert.equal(interrupted, true)
    })
  )

  it.live("reads nothing from a peer that it refuses", () =>
    Effect.gen(function* () {
      let asked = 0
      const admit: Admit = (peer) => {
        asked++
        assert.match(peer.address, /^tcp:\/\/127\.0\.0\.1:\d+$/)
        assert.equal(peer.secure, false)
        return Effect.as(turns(10), { _tag: "Refuse", status: 403, reason: "no" } as const)
      }
      const addresses = yield* Tcp.listener({ port: 0 }).listen(admit)
      const socket = yield* dial(addresses)
      socket.write(Buffer.from([0, 0, 0, 2, 65, 66]))
      socket.resume()
      yield* until("the socket is closed", () => socket.readableEnded || socket.closed)
      assert.equal(asked, 1)
    })
  )

  it.live("writes frames byte by byte as its framing says", () =>
    Effect.gen(function* () {
      for (const [framing, expected] of [
        ["u32-be", "000000026869"],
        ["u32-le", "020000006869"],
        ["u64-be", "00000000000000026869"],
        ["u64-le", "02000000000000006869"],
        ["newline", "68690a"]
      ] as const) {
        const addresses = yield* Tcp.listener({ port: 0, framing, closeTimeoutMillis: 50 }).listen(
          accepting([], { onOpen: ({ connection }: Recorder) => connection.send(Buffer.from("hi"), "text") })
        )
        const socket = yield* dial(addresses)
        let got = ""
        socket.on("data", (chunk) => {
          got += chunk.toString("hex")
        })
        yield* until(framing, () => got.length >= expected.length)
        assert.equal(got, expected)
      }
    })
  )

  it.live("refuses a frame that its framing cannot carry and keeps the connection", () =>
    Effect.gen(function* () {
      const recorders: Array<Recorder> = []
      const addresses = yield* Tcp.listener({ port: 0, framing: "newline" }).listen(accepting(recorders))
      const client = new Recorder()
      yield* Tcp.connector({ ...target(addresses), framing: "newline" }).connect(client.open)
      const { connection } = client
      assert.equal(connection.send(Buffer.from("two\nlines"), "text"), "refused")
      const encode = (bytes: Uint8Array, at: number) => {
        bytes[at] = 10
        return 1
      }
      assert.equal(connection.write(5, 1, encode, "text"), "refused")
      assert.equal(connection.pendingBytes(), 0)
      assert.equal(connection.send(Buffer.from("one line"), "text"), "sent")
      yield* until("the line", () => recorders[0]?.count === 1)
      assert.deepEqual(Buffer.from(recorders[0]?.frames[0] ?? []).toString(), "one line")
    })
  )

  it.live("takes a framing of one's own", () =>
    Effect.gen(function* () {
      const recorders: Array<Recorder> = []
      const framing = Framing.lengthPrefixed({ bytes: 4, endian: "little", maxFrameBytes: 16 })
      const listener = Tcp.listener({ port: 0, framing, closeTimeoutMillis: 50 })
      assert.equal(listener.capabilities.maxFrameBytes, 16)
      const addresses = yield* listener.listen(accepting(recorders))
      const socket = yield* dial(addresses)
      socket.write(Buffer.from([2, 0, 0, 0, 1, 2, 17, 0, 0, 0]))
      yield* until("the connection is closed", () => recorders[0]?.isClosed === true)
      assert.deepEqual([...(recorders[0]?.frames[0] ?? [])], [1, 2])
      assert.equal(recorders[0]?.code, 1009)
    })
  )

  it.live("logs what a handler throws, with the connection's id", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logger = Logger.make(({ message, cause }) => void lines.push(`${String(message)} ${JSON.stringify(cause)}`))
      const recorders: Array<Recorder> = []
      const throwing = accepting(recorders, {
        onFrame: () => {
          throw new Error("a bug of mine")
        }
      })
      const addresses = yield* Tcp.listener({ port: 0 })
        .listen(throwing)
        .pipe(Effect.provide(Logger.layer([logger])))
      const socket = yield* dial(addresses)
      socket.write(Buffer.from([0, 0, 0, 1, 65]))
      yield* until("the log", () => lines.length > 0)
      assert.ok(lines[0]?.includes(recorders[0]?.connection.id ?? "?"), lines[0])
    })
  )

  it.live("survives peers that are killed in the middle of anything", () =>
    Effect.gen(function* () {
      const recorders: Array<Recorder> = []
      const answer = new Uint8Array(200_000)
      const addresses = yield* Tcp.listener({ port: 0 }).listen(
        accepting(recorders, {
          onOpen: (recorder: Recorder) => {
            recorder.keeps = false
          },
          // answers far more than the killed peer will take
          onFrame: ({ connection }: Recorder) => void connection.send(answer, "binary")
        })
      )
      const { host, port } = target(addresses)
      const script = `const s=require("node:net").connect(${port},${JSON.stringify(host)},()=>{
        const f=Buffer.alloc(1004);f.writeUInt32BE(1000);setInterval(()=>{for(let i=0;i<20;i++)s.write(f);s.write(f.subarray(0,500))},1)})`
      const children = Array.from({ length: 4 }, () => spawn(process.execPath, ["-e", script], { stdio: "ignore" }))
      yield* Effect.addFinalizer(() => Effect.sync(() => children.forEach((child) => void child.kill("SIGKILL"))))
      yield* until("all have sent", () => recorders.length === 4 && recorders.every(({ count }) => count > 5))
      for (const child of children) child.kill("SIGKILL")
      yield* until("all are closed", () => recorders.every(({ isClosed }) => isClosed))
      const client = new Recorder()
      yield* Tcp.connector(target(addresses)).connect(client.open)
      client.connection.send(Uint8Array.of(1), "binary")
      yield* until("the answer", () => client.count === 1)
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  )

  it.live("closes a paused connection as soon as its peer closes too, and loses nothing that it sent", () =>
    Effect.gen(function* () {
      const recorders: Array<Recorder> = []
      const addresses = yield* Tcp.listener({ port: 0, closeTimeoutMillis: 60_000 }).listen(
        accepting(recorders, { onOpen: (recorder: Recorder) => recorder.pause() })
      )
      const client = new Recorder()
      yield* Tcp.connector(target(addresses)).connect(client.open)
      for (let i = 0; i < 100; i++) client.connection.send(new Uint8Array(5000), "binary")
      yield* until("the connection", () => recorders.length === 1)
      const server = recorders[0] as Recorder
      for (let i = 0; i < 100; i++) server.connection.send(new Uint8Array(5000), "binary")
      server.connection.close(4000, "bye")
      yield* until("the close", () => server.isClosed && client.isClosed)
      assert.equal(client.count, 100)
      assert.equal(server.count, 0)
    })
  )

  it.live("closes a peer that does not close back, on time", () =>
    Effect.gen(function* () {
      const recorders: Array<Recorder> = []
      const addresses = yield* Tcp.listener({ port: 0, closeTimeoutMillis: 30 }).listen(accepting(recorders))
      // half open, and never closes its own half
      yield* dial(addresses)
      yield* until("the connection", () => recorders.length === 1)
      recorders[0]?.connection.close(4000, "bye")
      yield* until("the close", () => recorders[0]?.isClosed === true, 3000)
      assert.deepEqual(recorders[0]?.closes, [[4000, "bye"]])
    })
  )
})

describe("Tcp.connector", () => {
  it.live("says that nobody listens, and where", () =>
    Effect.gen(function* () {
      const server = yield* Effect.scoped(Effect.map(occupied, portOf))
      const error = yield* Effect.flip(
        Effect.asVoid(Tcp.connector({ port: server }).connect(() => assert.fail("open was called")))
      )
      assert.equal(error.reason, "connect")
      assert.match(error.message, new RegExp(`Nothing listens on tcp://127.0.0.1:${server} \\(ECONNREFUSED\\)`))
    })
  )

  it.live("gives up after its timeout", () =>
    Effect.gen(function* () {
      const connector = Tcp.connector({ port: yield* deaf, timeoutMillis: 30 })
      const error = yield* Effect.flip(Effect.asVoid(connector.connect(() => assert.fail("open was called"))))
      assert.equal(error.reason, "timeout")
      assert.match(error.message, /within 30 ms \(timeoutMillis\)/)
    })
  )

  it.live("ends at once when it is interrupted", () =>
    Effect.gen(function* () {
      const turn = yield* ManualTurn.make
      const connector = Tcp.connector({ port: yield* deaf })
      // on this clock the timeout never comes: without the interruption the test would not end
      const attempt = Effect.provideService(
        Effect.asVoid(connector.connect(() => assert.fail("open was called"))),
        Turn,
        turn
      )
      const fiber = yield* Effect.forkChild(attempt, { startImmediately: true })
      yield* turns(20)
      yield* Fiber.interrupt(fiber)
      assert.ok(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      assert.equal(turn.armed(), 0)
    })
  )

  it.live("does not know a host that does not exist", () =>
    Effect.gen(function* () {
      const connector = Tcp.connector({ host: "no-such-host.invalid", port: 9, timeoutMillis: 5000 })
      const error = yield* Effect.flip(Effect.asVoid(connector.connect(() => assert.fail("open was called"))))
      assert.ok(error.reason === "connect" || error.reason === "timeout")
    })
  )

  it.live("closes the connection when its open throws", () =>
    Effect.gen(function* () {
      const recorders: Array<Recorder> = []
      const addresses = yield* Tcp.listener({ port: 0 }).listen(accepting(recorders))
      yield* Tcp.connector(target(addresses)).connect(() => {
        throw new Error("a bug")
      })
      yield* until("the server side is closed", () => recorders[0]?.isClosed === true)
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None"))
  )
})
