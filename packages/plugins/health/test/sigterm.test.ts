// @module-tag process
/** A real process under load gets SIGTERM: what was taken is answered, and who sends work is told before the door closes. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import net from "node:net"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Client from "@mortise/core/client/Client"
import * as WebSocketConnector from "@mortise/core/client/WebSocketConnector"
import { until } from "@mortise/core/testing/until"
import type { Connector } from "@mortise/core/transport/Transport"
import { Tcp } from "@mortise/transport-socket"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { get } from "./get.ts"
import { Work } from "./processes/contract.ts"

interface Ready {
  readonly listening: ReadonlyArray<{ readonly name: string; readonly address: string }>
}
interface Begun {
  readonly messages: number
  readonly pages: number
}

/** The app as a process, and the lines of JSON that it says. */
class Running {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  private said = ""

  constructor() {
    const file = fileURLToPath(new URL("./processes/app.ts", import.meta.url))
    this.child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] })
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.said += text))
    this.ended = once(this.child, "close").then(([code]) => code as number | null)
  }

  line<A>(event: string): A | undefined {
    const lines = this.said.split("\n").slice(0, -1)
    const line = lines.find((line) => line.includes(`"event":"${event}"`))
    return line === undefined ? undefined : JSON.parse(line)
  }
}

const started = Effect.gen(function* () {
  const app = yield* Effect.acquireRelease(
    Effect.sync(() => new Running()),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )
  yield* until("the app is ready", () => app.line("ready") !== undefined, 30_000)
  const { listening } = app.line<Ready>("ready") ?? { listening: [] }
  return { app, address: (name: string) => listening.find((entry) => entry.name === name)?.address ?? "" }
})

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1")
    socket.once("connect", () => {
      socket.destroy()
      resolve(true)
    })
    socket.once("error", () => resolve(false))
  })

const connect = (connector: Connector) => Client.make(Work, connector)

/** Asks one request after the other until one is not answered; 8 such lanes keep a connection busy. */
const asking = (client: Effect.Success<ReturnType<typeof connect>>, answers: Array<number>) =>
  Effect.all(
    Array.from({ length: 8 }, (_, lane) =>
      Effect.gen(function* () {
        for (let i = 0; ; i++) {
          const n = lane * 1_000_000 + i
          const exit = yield* Effect.exit(client.request.work({ n }))
          if (Exit.isFailure(exit)) return
          assert.strictEqual(exit.value, n)
          answers.push(n)
        }
      })
    ),
    { concurrency: "unbounded", discard: true }
  )

/** Gets pages, each over a connection of its own, until one is not answered. */
const browsing = (url: string, pages: Array<string>) =>
  Effect.promise(async () => {
    for (;;) {
      const got = await get(url).catch(() => undefined)
      if (got === undefined) return
      assert.deepStrictEqual([got.status, got.text], [200, "done"])
      pages.push(got.text)
    }
  })

describe("SIGTERM during load", () => {
  it.live(
    "loses no answer to what has begun, and readiness says so before the port closes",
    () =>
      Effect.gen(function* () {
        const { address, app } = yield* started
        const http = address("http")
        const port = Number(new URL(http).port)
        const clients = yield* Effect.all([
          connect(Tcp.connector({ port: Number(new URL(address("tcp")).port) })),
          connect(WebSocketConnector.make({ url: address("websocket") }))
        ])
        const answers: Array<number> = []
        const pages: Array<string> = []
        const load = yield* Effect.forkChild(
          Effect.all(
            [
              ...clients.map((client) => asking(client, answers)),
              ...Array.from({ length: 4 }, () => browsing(`${http}/work`, pages))
            ],
            { concurrency: "unbounded", discard: true }
          )
        )
        yield* until("load is under way", () => answers.length > 200 && pages.length > 20, 30_000)
        const ready = Effect.promise(() => get(`${http}/ready`))
        assert.strictEqual((yield* ready).status, 200)
        app.child.kill("SIGTERM")
        let probe = yield* ready
        while (probe.status === 200) probe = yield* ready
        assert.strictEqual(probe.status, 503)
        assert.isTrue(yield* Effect.promise(() => accepts(port)))
        const then = answers.length
        yield* until("work goes on meanwhile", () => answers.length > then)
        yield* Fiber.join(load)
        assert.strictEqual(yield* Effect.promise(() => app.ended), 0)
        assert.isFalse(yield* Effect.promise(() => accepts(port)))
        const { messages, pages: served } = app.line<Begun>("begun") ?? { messages: -1, pages: -1 }
        assert.deepStrictEqual([answers.length, pages.length], [messages, served])
      }),
    60_000
  )
})
