import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Terminal from "effect/Terminal"
import { temporaryFolder, tinyTemplate } from "./fixture.ts"
import { input, planFor, services } from "./pipelineRun.ts"

const key = (name: string, text?: string): Terminal.UserInput => ({
  input: text === undefined ? Option.none() : Option.some(text),
  key: { name, ctrl: false, meta: false, shift: false }
})
const enter = key("return")
const typed = (text: string): ReadonlyArray<Terminal.UserInput> => [...text].map((letter) => key(letter, letter))

/** A terminal on which these keys are pressed; `screen` collects what is shown. */
const terminal = (keys: ReadonlyArray<Terminal.UserInput>, screen: Array<string> = []) =>
  Layer.effect(
    Terminal.Terminal,
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<Terminal.UserInput>()
      yield* Queue.offerAll(queue, keys)
      return Terminal.make({
        columns: Effect.succeed(100),
        rows: Effect.succeed(40),
        size: Effect.die("no prompt follows the size"),
        // one queue for all prompts of the run, as one keyboard
        readInput: Effect.succeed(queue as never),
        readLine: Effect.succeed(""),
        display: (text) => Effect.sync(() => screen.push(text))
      })
    })
  )

describe("questions", () => {
  it.effect("are asked for what no flag gave, with the template's defaults", () =>
    Effect.gen(function* () {
      const cwd = temporaryFolder()
      const screen: Array<string> = []
      const given = input({ cwd, template: tinyTemplate(cwd), canAsk: true, answers: { "tcp-port": 9001 } })
      const planned = yield* planFor({ ...given, yes: false, install: undefined, git: undefined }).pipe(
        Effect.provide(
          terminal(
            [
              ...typed("room"),
              enter,
              ...typed("9000"),
              enter,
              key("down"),
              enter,
              // yes and no are taken without return
              key("y", "y"),
              ...typed("Room"),
              enter,
              // the first of "What else?", below the two rows that choose all and invert
              key("down"),
              key("down"),
              key("space", " "),
              enter,
              key("n", "n"),
              enter
            ],
            screen
          )
        )
      )
      assert.strictEqual(planned.name, "room")
      assert.deepStrictEqual(planned.answers, {
        port: 9000,
        tcpPort: 9001,
        wire: "binary",
        docker: true,
        title: "Room"
      })
      assert.deepStrictEqual(
        planned.plugins.map(({ name }) => name),
        ["sqlite"]
      )
      assert.isFalse(planned.install)
      assert.isTrue(planned.git)
      const shown = screen.join("")

      for (const question of ["Where to?", "Port?", "Wire?", "Docker?", "Title?", "What else?"])
        assert.include(shown, question)
      assert.notInclude(shown, "TCP port?")
    }).pipe(Effect.provide(services))
  )

  it.effect("take the default for an empty answer", () =>
    Effect.gen(function* () {
      const cwd = temporaryFolder()
      const screen: Array<string> = []
      const planned = yield* planFor({
        ...input({ cwd, template: tinyTemplate(cwd), canAsk: true, directory: "room" }),
        yes: false
      }).pipe(Effect.provide(terminal([enter, enter, enter, enter, enter, enter], screen)))
      assert.deepStrictEqual(planned.answers, {
        port: 7420,
        tcpPort: 7421,
        wire: "json",
        docker: false,
        title: "Tiny"
      })
      // … and shows it behind the question, which is the line above: "✔ Port? (7420) … 7420"
      for (const [question, answer] of [
        ["Port? (7420)", "7420"],
        ["TCP port? (7421)", "7421"],
        ["Title? (Tiny)", "Tiny"],
        ["What else? (space selects)", "nothing"]
      ] as const) {
        assert.include(screen, `\u001B[1A\u001B[${"✔  … ".length + question.length + 1}G${answer}\n`)
      }
    }).pipe(Effect.provide(services))
  )

  it.effect("are not asked when the directory is refused anyway", () =>
    Effect.gen(function* () {
      const cwd = temporaryFolder()
      const template = tinyTemplate(cwd)
      const screen: Array<string> = []
      const error = yield* planFor({ ...input({ cwd, template, canAsk: true, directory: "." }), yes: false }).pipe(
        Effect.provide(terminal([], screen)),
        Effect.flip
      )
      assert.strictEqual(error._tag, "DirectoryNotEmpty")
      assert.deepStrictEqual(screen, [])
    }).pipe(Effect.provide(services))
  )
})
