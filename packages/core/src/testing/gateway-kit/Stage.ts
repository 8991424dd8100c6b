import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import type * as Scope from "effect/Scope"
import { Turn } from "../../app/Turn.ts"
import * as Client from "../../client/Client.ts"
import * as Gateway from "../../transport/Gateway.ts"
import { Rooms } from "../../transport/Rooms.ts"
import type { Connector, Listener, TransportError } from "../../transport/Transport.ts"
import * as Transports from "../../transport/Transports.ts"
import { Kind, type Wire } from "../../transport/Wire.ts"
import * as ManualTurn from "../ManualTurn.ts"
import type { KitLimits, RawPeer } from "../transport-kit/Harness.ts"
import { kitLimits } from "../transport-kit/Stage.ts"
import { until } from "../until.ts"
import type { GatewayHarness } from "./Harness.ts"
import { Kit, makeImplementation } from "./KitContract.ts"
import { Probe } from "./Probe.ts"
import { World } from "./World.ts"

export interface StageOptions {
  readonly options?: Gateway.Options
  readonly limits?: Partial<KitLimits>
  /** The gateway's clock stands still until the case moves it. */
  readonly manual?: boolean
}

/** One line that the gateway logged. */
export interface Logged {
  readonly message: string
  readonly cause: unknown
}

/** The kit's contract, served on a transport. */
export interface Stage {
  readonly harness: GatewayHarness
  readonly wire: Wire
  readonly world: World
  readonly gateway: Gateway.Gateway["Service"]
  readonly rooms: Rooms["Service"]
  readonly listener: Listener
  readonly connector: Connector
  readonly limits: KitLimits
  /** What the gateway logged at warning and above. */
  readonly logs: ReadonlyArray<Logged>
  /** Moves the gateway's clock by milliseconds; only where `manual`. */
  readonly advance: (millis: number) => void
  /** Timers of the gateway that wait; only where `manual`. */
  readonly timers: () => number
  /** A probe that has not said hello; on the stage's wire unless another is given. */
  readonly probe: (wire?: Wire) => Effect.Effect<Probe, TransportError, Scope.Scope>
  /** A probe that has spoken, so that its wire is known, and has not agreed on a hello; and its id on the server. */
  readonly halfway: Effect.Effect<{ readonly probe: Probe; readonly id: string }, TransportError, Scope.Scope>
  /** A probe after its hello. */
  readonly greeted: (wire?: Wire) => Effect.Effect<Probe, TransportError, Scope.Scope>
  /** A peer that writes bytes past the transport; only where the harness has the trait `raw`. */
  readonly raw: Effect.Effect<RawPeer, TransportError, Scope.Scope>
  /** The client that users have. */
  readonly client: (wire?: Wire) => Effect.Effect<Client.Client<(typeof Kit)["spec"]>, unknown, Scope.Scope>
}

/** Serves the kit's contract over `harness` until the scope closes. */
export const stage = Effect.fnUntraced(function* (
  harness: GatewayHarness,
  wire: Wire,
  { limits: wanted, manual, options }: StageOptions = {}
): Effect.fn.Return<Stage, unknown, Scope.Scope> {
  const limits: KitLimits = { ...kitLimits, ...wanted }
  const world = new World()
  const logs: Array<Logged> = []
  const logger = Logger.make<unknown, void>(({ cause, message }) => {
    logs.push({ message: Array.isArray(message) ? message.join(" ") : String(message), cause })
  })
  const turn = manual === true ? yield* ManualTurn.make : undefined
  const { connector, listener, raw } = yield* harness.make(limits)
  const context = yield* Layer.build(Layer.merge(Gateway.layer(options), Transports.layer(listener))).pipe(
    Effect.provide(Logger.layer([logger])),
    Effect.provideService(References.MinimumLogLevel, "Warn"),
    Effect.provideService(Turn, turn ?? (yield* Turn))
  )
  const gateway = Context.get(context, Gateway.Gateway)
  const addresses = yield* Effect.provideContext(Gateway.serve(makeImplementation(world)), context)
  const reach = connector(addresses)
  const probe = (spoken: Wire = wire) =>
    Effect.gen(function* () {
      const made = new Probe(spoken)
      yield* reach.connect(made.open)
      return made
    })
  const held = (): ManualTurn.ManualTurn => {
    if (turn === undefined) throw new Error("the stage is not manual")
    return turn
  }
  return {
    harness,
    wire,
    world,
    gateway,
    rooms: Context.get(context, Rooms),
    listener,
    connector: reach,
    limits,
    logs,
    advance: (millis) => held().advance(millis),
    timers: () => held().armed(),
    probe,
    halfway: Effect.gen(function* () {
      const made = yield* probe()
      made.send(Kind.hello, 0, { payload: {} })
      yield* until("what is wrong with the hello", () => made.received.length === 1)
      const waiting = (yield* gateway.connections).filter(({ state }) => state === "connecting")
      return { probe: made, id: waiting.at(-1)?.id ?? "" }
    }),
    greeted: (spoken) => Effect.tap(probe(spoken), (made) => made.sayHello()),
    raw: raw === undefined ? Effect.die(new Error("the harness has no raw peers")) : raw(addresses),
    client: (spoken = wire) => Client.make(Kit, reach, { wire: spoken })
  }
})

/** The code that the peer of whoever closed with `code` is given. */
export const told = (harness: GatewayHarness, code: number): number =>
  harness.traits.includes("closeCodes") ? code : 1000
