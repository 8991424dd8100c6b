import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Accounts from "../../auth/Accounts.ts"
import * as Auth from "../../auth/Auth.ts"
import * as Authenticator from "../../auth/Authenticator.ts"
import type * as Credentials from "../../auth/Credentials.ts"
import * as Principal from "../../auth/Principal.ts"
import * as Session from "../../auth/Session.ts"
import * as Client from "../../client/Client.ts"
import * as Contract from "../../transport/Contract.ts"
import * as Gateway from "../../transport/Gateway.ts"
import * as Memory from "../../transport/Memory.ts"
import { Rooms } from "../../transport/Rooms.ts"
import * as Transports from "../../transport/Transports.ts"
import type { Wire } from "../../transport/Wire.ts"
import { secret } from "./Stage.ts"

export const Desk = Contract.make("desk", {
  auth: { principal: Principal.Named },
  requests: {
    whoami: { success: Schema.String },
    maybe: { success: Schema.String, requires: "optional" },
    open: { payload: { text: Schema.String }, success: Schema.String, requires: "none" },
    admin: { success: Schema.String, requires: ["admin", "chat"] },
    login: { payload: { token: Schema.String }, success: Schema.Boolean, requires: "none" },
    logout: {},
    count: { success: Schema.Int, stream: true },
    secretly: { payload: { text: Schema.String } }
  },
  signals: { nudge: {} },
  events: {
    news: { payload: { text: Schema.String } },
    weather: { payload: { text: Schema.String }, requires: "none" }
  },
  relays: ["pass"]
})
/** Asks for no principal: the same gateway serves both kinds. */
export const Plain = Contract.make("plain", { requests: { ping: { success: Schema.String } } })

export interface World {
  readonly log: Array<string>
  readonly gateway: Gateway.Gateway["Service"]
  readonly rooms: Rooms["Service"]
  readonly memory: Memory.Memory
  /** A client over the stage's wire. */
  readonly client: (credentials?: Credentials.Credentials) => ReturnType<typeof connect>
}
const connect = (memory: Memory.Memory, credentials: Credentials.Credentials | undefined, wire: Wire | undefined) =>
  Client.make(Desk, memory.connector, {
    ...(credentials === undefined ? {} : { credentials }),
    ...(wire === undefined ? {} : { wire })
  })

const handlers = (log: Array<string>) =>
  Contract.implement(
    Desk,
    {
      whoami: (_, { principal }) => Effect.succeed(`${principal.id}/${principal.claims.name}`),
      maybe: (_, { principal }) => Effect.succeed(principal?.id ?? "nobody"),
      open: ({ text }) => Effect.succeed(text),
      admin: (_, { principal }) => Effect.succeed(principal.id),
      login: ({ token }, caller) =>
        Session.verify(secret(token)).pipe(
          Effect.flatMap(caller.authenticate),
          Effect.as(true),
          Effect.catch(() => Effect.succeed(false))
        ),
      logout: (_, caller) => caller.signOut,
      count: () => Stream.range(1, 3),
      secretly: ({ text }) => Effect.sync(() => void log.push(`secretly ${text}`)),
      nudge: () => Effect.sync(() => void log.push("nudge")),
      pass: ({ to }, { principal }) => Effect.succeed({ to: [to], from: principal.id })
    },
    {
      opened: ({ principal }) => Effect.sync(() => void log.push(`opened ${principal?.id}`)),
      authenticated: ({ principal }) => Effect.sync(() => void log.push(`in ${principal.id}`)),
      signedOut: ({ principal }) => Effect.sync(() => void log.push(`out ${principal.id}`)),
      closed: ({ principal }) => Effect.sync(() => void log.push(`closed ${principal?.id}`))
    }
  )

interface Served {
  readonly auth?: Auth.Auth["Service"]
  readonly memory?: Memory.MemoryOptions
  readonly wire?: Wire
}
export const serve = Effect.fnUntraced(function* ({ auth, memory: options, wire }: Served = {}) {
  const memory = Memory.make(options)
  const log: Array<string> = []
  const context = yield* Layer.build(Layer.merge(Gateway.layer(), Transports.layer(memory.listener)))
  const made =
    auth ??
    (yield* Auth.make([yield* Authenticator.sessions, yield* Authenticator.basic({ verify: Accounts.principal })]))
  const plain = Contract.implement(Plain, { ping: () => Effect.succeed("pong") })
  const all = Effect.andThen(Gateway.serve(plain), Gateway.serve(handlers(log)))
  yield* Effect.provideService(Effect.provideContext(all, context), Auth.Auth, made)
  const world: World = {
    log,
    gateway: Context.get(context, Gateway.Gateway),
    rooms: Context.get(context, Rooms),
    memory,
    client: (credentials) => connect(memory, credentials, wire)
  }
  return world
})
export const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => error._tag)
