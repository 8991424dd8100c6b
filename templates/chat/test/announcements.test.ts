import { assert, describe, it } from "@effect/vitest"
import * as App from "@mortise/core/app/App"
import * as Contribution from "@mortise/core/app/Contribution"
import * as Plugin from "@mortise/core/app/Plugin"
import * as Client from "@mortise/core/client/Client"
import { EventBus } from "@mortise/core/events/EventBus"
import { events } from "@mortise/core/events/EventsPlugin"
import { until } from "@mortise/core/testing/until"
import { gateway, Listeners } from "@mortise/core/transport/GatewayPlugin"
import * as Memory from "@mortise/core/transport/Memory"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { MemberJoined, MemberLeft } from "../src/announcements/events.ts"
import { announcements } from "../src/announcements/plugin.ts"
import { chat } from "../src/chat/plugin.ts"
import { Chat } from "../src/contract.ts"
import { history } from "../src/history/memory.ts"

describe("joining and leaving as events", () => {
  it.live("are told to the bus once each, in order", () =>
    Effect.gen(function* () {
      const door = Memory.make()
      const memory = Plugin.define({
        name: "memory",
        contributes: [Contribution.contribute(Listeners, Effect.succeed(door.listener))]
      })
      const running = yield* App.build(
        Plugin.compose(gateway(), memory(), events(), chat(), history(), announcements()),
        {}
      )
      const bus = Context.get(running, EventBus)
      const seen: Array<readonly [what: string, room: string, name: string]> = []
      yield* bus.on(MemberJoined, ({ at, payload }) => Effect.sync(() => seen.push(["joined", at.room, payload.name])))
      yield* bus.on(MemberLeft, ({ at, payload }) => Effect.sync(() => seen.push(["left", at.room, payload.name])))
      yield* Effect.scoped(
        Effect.gen(function* () {
          const ada = yield* Client.make(Chat, door.connector)
          yield* ada.request.join({ name: "ada", room: "lobby" })
          yield* ada.request.join({ name: "ada", room: "lobby" })
          yield* until("she is there", () => seen.length === 1)
          yield* ada.request.join({ name: "ada", room: "attic" })
          yield* until("she has moved", () => seen.length === 3)
        })
      )
      yield* until("she is gone", () => seen.length === 4)
      assert.sameDeepMembers(
        [...seen],
        [
          ["joined", "lobby", "ada"],
          ["left", "lobby", "ada"],
          ["joined", "attic", "ada"],
          ["left", "attic", "ada"]
        ]
      )
    })
  )
})
