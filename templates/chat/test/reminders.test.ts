import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Contribution from "@mortise/core/app/Contribution"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Client from "@mortise/core/client/Client"
import { Tasks } from "@mortise/core/tasks/Tasks"
import { tasks } from "@mortise/core/tasks/TasksPlugin"
import { until } from "@mortise/core/testing/until"
import { gateway, Listeners } from "@mortise/core/transport/GatewayPlugin"
import * as Memory from "@mortise/core/transport/Memory"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { chat } from "../src/chat/plugin.ts"
import { Chat, type Message } from "../src/contract.ts"
import { history } from "../src/history/memory.ts"
import { parse, usage } from "../src/reminders/command.ts"
import { Reminders } from "../src/reminders/contract.ts"
import { reminders } from "../src/reminders/plugin.ts"
import { Remind } from "../src/reminders/task.ts"

/** The app with tasks in memory, and a client that is in the lobby. */
const stage = Effect.gen(function* () {
  const door = Memory.make()
  const memory = Plugin.define({
    name: "memory",
    contributes: [Contribution.contribute(Listeners, Effect.succeed(door.listener))]
  })
  const app = Plugin.compose(gateway(), memory(), tasks(), chat(), history(), reminders())
  const running = yield* App.build(app, {})
  const clients = yield* Client.makeAll({ chat: Chat, reminders: Reminders }, door.connector)
  return { ...clients, tasks: Context.get(running, Tasks) }
})

describe("reminders", () => {
  it.live("are taken down for later, with who wanted them and where", () =>
    Effect.gen(function* () {
      const { chat, reminders, tasks } = yield* stage
      const stranger = yield* Effect.flip(reminders.request.remind({ minutes: 5, text: "tea" }))
      assert.strictEqual(stranger._tag, "NotJoined")
      yield* chat.request.join({ name: "ada", room: "lobby" })
      const at = yield* reminders.request.remind({ minutes: 5, text: "tea" })
      assert.approximately(at.getTime() - Date.now(), 5 * 60_000, 30_000)
      const [scheduled, ...more] = yield* tasks.list({ state: "scheduled", task: Remind })
      assert.deepStrictEqual(
        [scheduled?.payload, more],
        [{ room: "lobby", name: "ada", text: "tea", due: at.toISOString() }, []]
      )
      assert.strictEqual(
        Option.match(scheduled?.dueAt ?? Option.none(), { onNone: () => 0, onSome: DateTime.toEpochMillis }),
        at.getTime()
      )
      for (const minutes of [0, 1441, 1.5]) {
        const error = yield* Effect.flip(reminders.request.remind({ minutes, text: "tea" }))
        assert.strictEqual(error._tag === "RequestFault" ? error.fault : error._tag, "BAD_PAYLOAD")
      }
    })
  )

  it.live("are said to the room when they are due, and to nobody else", () =>
    Effect.gen(function* () {
      const { chat, tasks } = yield* stage
      yield* chat.request.join({ name: "ada", room: "lobby" })
      const heard: Array<Message> = []
      const listen = Stream.runForEach(chat.events.message, (one) => Effect.sync(() => heard.push(one)))
      yield* Effect.forkScoped(listen, { startImmediately: true })
      const due = new Date()
      for (const room of ["attic", "lobby"]) {
        yield* tasks.wait(yield* tasks.enqueue(Remind, { room, name: "bob", text: `tea in the ${room}`, due }))
      }
      yield* until("it is said", () => heard.length > 0)
      assert.deepStrictEqual(
        heard.map(({ name, room, text }) => [room, name, text]),
        [["lobby", "bob", "Reminder: tea in the lobby"]]
      )
    })
  )

  it.live("of a room where nobody was are there for whoever comes, and say how late they were", () =>
    Effect.gen(function* () {
      const { chat, tasks } = yield* stage
      for (const lateMinutes of [0, 59, 60, 90]) {
        const due = new Date(Date.now() - lateMinutes * 60_000)
        yield* tasks.wait(yield* tasks.enqueue(Remind, { room: "lobby", name: "bob", text: "tea", due }))
      }
      const { history } = yield* chat.request.join({ name: "ada", room: "lobby" })
      assert.deepStrictEqual(
        history.map(({ text }) => text),
        ["Reminder: tea", "Reminder, 59 min late: tea", "Reminder, 1 h late: tea", "Reminder, 1 h 30 min late: tea"]
      )
    })
  )

  it.each([
    ["5 tea", { minutes: 5, text: "tea" }],
    ["1440  a  pot\nof tea", { minutes: 1440, text: "a  pot\nof tea" }],
    ["0 tea", undefined],
    ["1441 tea", undefined],
    ["1.5 tea", undefined],
    ["-1 tea", undefined],
    ["soon tea", undefined],
    ["5", undefined],
    ["", undefined]
  ])("are understood, or their form and bounds are told: /remind %s", (rest, wanted) => {
    assert.deepStrictEqual(parse(rest), wanted)
    assert.include(usage, "/remind MINUTES TEXT")
    assert.include(usage, "from 1 to 1440")
  })
})
