import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { until } from "@mortise/core/testing/until"
import * as Effect from "effect/Effect"
import { parse } from "../src/terminal/commands.ts"
import { printable } from "../src/terminal/Screen.ts"
import * as Stage from "./Stage.ts"

/** The terminal client as a process, its input and output as pipes. */
const terminal = (socketPath: string, name: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const main = fileURLToPath(new URL("../src/terminal.ts", import.meta.url))
      const child = spawn(process.execPath, [main, "--name", name, "--socket", socketPath])
      const seen = { child, text: "", exit: undefined as number | null | undefined }
      child.stdout.on("data", (chunk) => (seen.text += chunk))
      child.stderr.on("data", (chunk) => (seen.text += chunk))
      child.on("close", (code) => (seen.exit = code))
      return seen
    }),
    ({ child }) => Effect.sync(() => child.kill())
  )

describe("the terminal client", () => {
  it.live("says what is typed, shows what others say, and leaves on /quit", () =>
    Effect.gen(function* () {
      const stage = yield* Stage.start()
      const ada = yield* stage.overUnix
      yield* ada.request.join({ name: "ada", room: "lobby" })
      yield* ada.request.say({ text: "said before" })
      const bob = yield* terminal(stage.socketPath, "bob")
      yield* until("bob has the history", () => bob.text.includes("ada: said before"))
      bob.child.stdin.write("hello from a pipe\n")
      yield* until("bob's own message came back", () => bob.text.includes("bob: hello from a pipe"))
      yield* ada.relay.whisper("bob", new TextEncoder().encode("psst\u001b[2J"))
      yield* until("the whisper is there, its control character is not", () => bob.text.includes("psst\ufffd[2J"))
      bob.child.stdin.write("/quit\n")
      yield* until("bob has left", () => bob.exit !== undefined)
      assert.strictEqual(bob.exit, 0)
      assert.include(bob.text, "You have left.")
    })
  )

  it.live("says what is wrong with a name, and exits with 1", () =>
    Effect.gen(function* () {
      const stage = yield* Stage.start()
      const nameless = yield* terminal(stage.socketPath, "a b")
      yield* until("it has ended", () => nameless.exit !== undefined)
      assert.deepStrictEqual(
        [nameless.exit, nameless.text.trim()],
        [1, "✗ Expected a name of 1 to 24 letters, digits, dots, dashes and underscores"]
      )
    })
  )

  it.each([
    ["  ", { _tag: "Nothing" }],
    [" hello ", { _tag: "Say", text: "hello" }],
    ["/quit", { _tag: "Quit" }],
    ["/who", { _tag: "Who" }],
    ["/room #Attic", { _tag: "Room", room: "attic" }],
    ["/msg ada two  spaces", { _tag: "Whisper", to: "ada", text: "two  spaces" }],
    ["/msg msg m", { _tag: "Whisper", to: "msg", text: "m" }],
    ["/msg ada", { _tag: "Help" }],
    ["/mgs ada a secret", { _tag: "Help" }]
  ])("understands %j", (line, command) => {
    assert.deepStrictEqual<unknown>(parse(line), command)
  })

  it("shows text and nothing that a terminal obeys", () => {
    const shown = (text: string) => printable(new TextEncoder().encode(text))
    assert.strictEqual(shown("a\tb\nc ☃ é"), "a\tb\nc ☃ é")
    assert.strictEqual(shown("\u001b[2J\u0007\u009b\r\u202e"), "\ufffd[2J\ufffd\ufffd\ufffd\ufffd")
  })
})
