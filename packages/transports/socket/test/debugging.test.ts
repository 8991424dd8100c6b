// @module-tag process
import { spawn } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Client from "@mortise/core/client/Client"
import { until } from "@mortise/core/testing/until"
import { BinaryWire } from "@mortise/core/transport/BinaryWire"
import { JsonWire } from "@mortise/core/transport/JsonWire"
import * as Effect from "effect/Effect"
import * as Tcp from "../src/Tcp.ts"
import { Door } from "./processes/contract.ts"

const program = path.join(import.meta.dirname, "processes/debugging.ts")

interface Line {
  readonly event?: string
  readonly level?: string
  readonly message?: string
  readonly debugging?: boolean
  readonly listening: ReadonlyArray<{ readonly address: string }>
  readonly fields?: Readonly<Record<string, unknown>>
}

/** All that the app says, with these arguments, of a client that knocks over TCP on each wire. */
const knocked = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    let said = ""
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] })),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const ended = once(child, "close")
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text))
    yield* until("the app is ready", () => said.includes(`"event":"ready"`), 30_000)
    const port = Number(/tcp:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1])
    for (const wire of [JsonWire, BinaryWire]) {
      const client = yield* Client.make(Door, Tcp.connector({ host: "127.0.0.1", port }), { wire })
      assert.strictEqual(yield* client.request.knock({ name: "ada", password: "hunter22" }), "come in, ada")
    }
    child.kill("SIGTERM")
    yield* Effect.promise(() => ended)
    assert.notInclude(said, "hunter22")
    return said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Line)
  })

describe("an app that is started with --debug", () => {
  it.live("shows each frame of its connections and every other line, whatever its configuration says", () =>
    Effect.gen(function* () {
      const lines = yield* knocked("--debug")
      assert.isTrue(lines.find(({ event }) => event === "ready")?.debugging)
      assert.isTrue(lines.some(({ level, message }) => level === "debug" && message === "knocked"))
      const frames = lines.filter(({ level }) => level === "trace")
      for (const wire of ["json", "binary"]) {
        const own = frames.filter(({ fields }) => fields?.wire === wire)
        assert.deepStrictEqual(own.map(({ message }) => message).slice(0, 4), [
          "← hello",
          "→ hello",
          "← request door.knock",
          "→ response door.knock"
        ])
        assert.deepStrictEqual(own[2]?.fields?.payload, { name: "ada", password: "<redacted>" })
        assert.strictEqual(own[3]?.fields?.payload, "come in, ada")
        assert.strictEqual(own[3]?.fields?.transport, "tcp")
      }
    })
  )

  it.live("is none where the argument is missing, or is not the app's", () =>
    Effect.gen(function* () {
      for (const args of [[], ["--", "--debug"], ["--debugging"]]) {
        const lines = yield* knocked(...args)
        assert.deepStrictEqual(
          lines.map(({ event }) => event),
          ["ready", "stopping", "stopped"]
        )
        assert.notProperty(lines[0], "debugging")
      }
    })
  )
})
