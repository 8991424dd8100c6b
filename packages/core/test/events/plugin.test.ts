import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as App from "../../src/app/App.ts"
import * as Contribution from "../../src/app/Contribution.ts"
import * as Drain from "../../src/app/Drain.ts"
import * as Plugin from "../../src/app/Plugin.ts"
import * as AuthEvents from "../../src/auth/AuthEvents.ts"
import * as Client from "../../src/client/Client.ts"
import * as ClientEvents from "../../src/events/ClientEvents.ts"
import * as Correlation from "../../src/events/Correlation.ts"
import * as Event from "../../src/events/Event.ts"
import { EventBus } from "../../src/events/EventBus.ts"
import { events, handler } from "../../src/events/EventsPlugin.ts"
import { until } from "../../src/testing/until.ts"
import * as Contract from "../../src/transport/Contract.ts"
import { contract, gateway, Listeners } from "../../src/transport/GatewayPlugin.ts"
import * as Memory from "../../src/transport/Memory.ts"
import { Observers, type Registry } from "../../src/transport/Observers.ts"

const Said = Event.make("said", { payload: { text: Schema.String } })
const Greeter = Contract.make("greeter", {
  requests: { hello: { payload: { name: Schema.String }, success: Schema.String } }
})
const greeter = Plugin.define({
  name: "greeter",
  contributes: [contract(Contract.implement(Greeter, { hello: ({ name }) => Effect.succeed(`Hello, ${name}!`) }))]
})

const appWithMemory = () => {
  const { connector, listener } = Memory.make()
  const seen: { observers: Registry | undefined } = { observers: undefined }
  const memory = Plugin.define({
    name: "memory",
    contributes: [
      Contribution.contribute(
        Listeners,
        Effect.map(Observers, (observers) => {
          seen.observers = observers
          return listener
        })
      )
    ]
  })
  return { connector, seen, app: Plugin.compose(gateway(), memory(), events(), greeter()) }
}

describe("the events plugin", () => {
  it("is in the manifest as it is", () => {
    const { plugins } = JSON.parse(readFileSync(new URL("../../manifest.json", import.meta.url), "utf8"))
    const entry = plugins.find(({ name }: { readonly name: string }) => name === "events")
    assert.deepEqual(
      entry.provides,
      events.manifest.provides.map(({ key }) => key)
    )
    assert.deepEqual(
      entry.requires,
      events.manifest.requires.map(({ key }) => key)
    )
    assert.deepEqual([entry.config, events.manifest.config], [[], undefined])
  })

  it.live("runs contributed handlers until the scope closes", () =>
    Effect.gen(function* () {
      const got: Array<string> = []
      const reader = Plugin.define({
        name: "reader",
        contributes: [handler(Said, ({ payload }) => Effect.sync(() => void got.push(payload.text)))]
      })
      const scope = yield* Scope.make()
      const context = yield* Scope.provide(App.build(Plugin.compose(reader(), events()), {}), scope)
      const publish = (text: string) =>
        Effect.provideContext(
          Effect.flatMap(EventBus, (bus) => bus.publish(Said, { text })),
          context
        )
      yield* publish("a")
      yield* until("it is handled", () => got.length === 1)
      yield* Scope.close(scope, Exit.void)
      const sums = yield* Effect.provideContext(
        Effect.flatMap(EventBus, (bus) => bus.stats),
        context
      )
      assert.deepEqual([got, sums.subscriptions], [["a"], 0])
    })
  )

  it.live("waits for handlers when the app drains", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const gate = Latch.makeUnsafe(false)
        let done = false
        let registry: Drain.Registry | undefined
        const slow = Plugin.define({
          name: "slow",
          contributes: [
            handler(Said, () =>
              Effect.andThen(
                Effect.tap(Drain.Drain, (found) => Effect.sync(() => void (registry = found))),
                Effect.andThen(
                  gate.await,
                  Effect.sync(() => void (done = true))
                )
              )
            )
          ]
        })
        const context = yield* App.build(Plugin.compose(slow(), events()), {})
        yield* Effect.provideContext(
          Effect.flatMap(EventBus, (bus) => bus.publish(Said, { text: "a" })),
          context
        )
        yield* until("the handler has begun", () => registry !== undefined)
        assert.ok(registry)
        const drained = yield* Effect.forkScoped(registry.run)
        yield* until("the drain waits", () => registry?.pending().includes("events") === true)
        assert.equal(drained.pollUnsafe(), undefined)
        yield* gate.open
        yield* until("the drain is done", () => drained.pollUnsafe() !== undefined)
        assert.ok(done)
      })
    )
  )

  it.live("tells of clients while somebody listens, and leaves no hook otherwise", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { app, connector, seen } = appWithMemory()
        const context = yield* App.build(app, {})
        const bus = yield* Effect.provideContext(EventBus, context)
        const { observers } = seen
        assert.ok(observers)
        const sizes = () => [observers.opened.size, observers.message.size, observers.closed.size]
        assert.deepEqual(sizes(), [0, 0, 0])
        const got: Array<unknown> = []
        const scope = yield* Scope.make()
        const listen = bus.on("mortise.client.*", ({ payload, subject }) =>
          Effect.sync(() => void got.push([subject, payload]))
        )
        yield* Scope.provide(listen, scope)
        assert.deepEqual(sizes(), [1, 1, 1])
        yield* Effect.scoped(
          Effect.gen(function* () {
            const client = yield* Client.make(Greeter, connector)
            assert.equal(yield* client.request.hello({ name: "Ada" }), "Hello, Ada!")
          })
        )
        yield* until("three events", () => got.length === 3)
        const [opened, message, closed] = got as ReadonlyArray<readonly [string, Record<string, unknown>]>
        assert.equal(opened?.[0], ClientEvents.Connected.subject)
        assert.equal(opened?.[1].transport, "memory")
        assert.equal(message?.[0], ClientEvents.MessageReceived.subject)
        assert.deepEqual([message?.[1].message, message?.[1].kind], ["greeter.hello", "request"])
        assert.equal(closed?.[0], ClientEvents.Disconnected.subject)
        assert.equal(closed?.[1].connection, opened?.[1].connection)
        yield* Scope.close(scope, Exit.void)
        assert.deepEqual(sizes(), [0, 0, 0])
      })
    )
  )

  it.live("tells of authentication while somebody listens, and leaves no listener otherwise", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const context = yield* App.build(Plugin.compose(events()), {})
        const bus = yield* Effect.provideContext(EventBus, context)
        const { listeners } = yield* Effect.provideContext(AuthEvents.AuthEvents, context)
        const tell = (event: AuthEvents.AuthEvent) =>
          Effect.provideContext(
            AuthEvents.publish(() => event),
            context
          )
        const address = "203.0.113.7"
        const method = "password"
        assert.equal(listeners.size, 0)

        const got: Array<unknown> = []
        const keep = ({ payload, subject }: { readonly payload: unknown; readonly subject: string }) =>
          Effect.sync(() => void got.push([subject, payload]))
        const scope = yield* Scope.make()
        yield* Scope.provide(bus.on(ClientEvents.AuthenticationFailed, keep), scope)
        assert.equal(listeners.size, 1)
        yield* tell({ type: "succeeded", method, principal: "u1", address })
        yield* tell({ type: "failed", method, reason: "invalid", account: "ada", address })
        yield* tell({ type: "failed", method, reason: "locked", account: undefined, address })
        yield* tell({ type: "revoked", ids: ["s1"] })
        yield* until("two events", () => got.length === 2)
        assert.deepEqual(got, [
          ["mortise.auth.failed", { method, reason: "invalid", account: "ada", address }],
          ["mortise.auth.failed", { method, reason: "locked", address }]
        ])
        yield* Scope.close(scope, Exit.void)
        assert.equal(listeners.size, 0)

        got.length = 0
        yield* bus.on("mortise.auth.*", keep)
        assert.equal(listeners.size, 2)
        yield* tell({ type: "succeeded", method, principal: "u1", address })
        yield* until("one event", () => got.length === 1)
        assert.deepEqual(got, [["mortise.auth.succeeded", { method, principal: "u1", address }]])
      })
    )
  )

  it.live("a message of a client begins a chain, which its events and what they cause carry on", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { connector, listener } = Memory.make()
        const Asker = Contract.make("asker", {
          requests: { ask: { payload: { text: Schema.String }, success: Schema.String } }
        })
        const asker = Plugin.define({
          name: "asker",
          requires: [EventBus],
          contributes: [
            contract(
              Contract.implement(Asker, {
                ask: ({ text }) =>
                  Effect.gen(function* () {
                    const bus = yield* EventBus
                    yield* Effect.orDie(bus.publish(Said, { text }))
                    yield* Effect.yieldNow
                    yield* Effect.orDie(bus.publish(Said, { text }))
                    return (yield* Correlation.Current)?.correlationId ?? "none"
                  })
              })
            ),
            Contribution.contribute(Listeners, Effect.succeed(listener))
          ]
        })
        const context = yield* App.build(Plugin.compose(gateway(), events(), asker()), {})
        const bus = yield* Effect.provideContext(EventBus, context)
        const got: Array<readonly [string, string | undefined, string]> = []
        yield* bus.on(Said, ({ causationId, correlationId, subject }) =>
          Effect.sync(() => void got.push([correlationId, causationId, subject]))
        )
        const client = yield* Client.make(Asker, connector)
        const first = yield* client.request.ask({ text: "a" })
        const second = yield* client.request.ask({ text: "b" })
        yield* until("four events", () => got.length === 4)
        assert.notEqual(first, "none")
        assert.notEqual(first, second)
        assert.deepEqual(
          got,
          [first, first, second, second].map((id) => [id, undefined, "said"])
        )
      })
    )
  )

  it.live("an app without a bus gives its messages no chains", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { connector, listener } = Memory.make()
        const asker = Plugin.define({
          name: "asker",
          contributes: [
            contract(
              Contract.implement(Greeter, {
                hello: () => Effect.map(Correlation.Current, (chain) => (chain === undefined ? "none" : "some"))
              })
            ),
            Contribution.contribute(Listeners, Effect.succeed(listener))
          ]
        })
        yield* App.build(Plugin.compose(gateway(), asker()), {})
        const client = yield* Client.make(Greeter, connector)
        assert.equal(yield* client.request.hello({ name: "Ada" }), "none")
      })
    )
  )
})
