import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { Turn } from "../../app/Turn.ts"
import * as AuthEvents from "../../auth/AuthEvents.ts"
import * as Lockout from "../../auth/Lockout.ts"
import * as NodePassword from "../../auth/NodePassword.ts"
import { Password } from "../../auth/Password.ts"
import { defaultPolicy, type Policy, SessionPolicy } from "../../auth/Session.ts"
import * as ManualTurn from "../ManualTurn.ts"
import type { AuthCase, AuthHarness, AuthTrait, StoreServices, Stores } from "./Harness.ts"

export type KitServices = StoreServices | Password | Lockout.Lockout

export interface Stage {
  readonly stores: Stores
  /** The time of day, which stands still but for these. */
  readonly clock: { readonly now: () => number; readonly shift: (millis: number) => void }
  /** The clock of the lockout, which only goes on. */
  readonly turn: ManualTurn.ManualTurn
  /** Everything that `AuthEvents` told. */
  readonly events: ReadonlyArray<AuthEvents.AuthEvent>
  /** Hashes that were made or checked. */
  readonly hashes: () => number
  /** Runs in the same place, with other stores. */
  readonly over: <A, E, R>(
    context: Context.Context<StoreServices>,
    effect: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, Exclude<R, StoreServices>>
}

export interface StageOptions {
  readonly lockout?: Lockout.Options
  readonly policy?: Partial<Policy>
}

/** Costs of a hash in this kit: the least that argon2id has, because many are made. */
export const cheap = { parameters: { memory: 64, passes: 1, parallelism: 1 } }

export const secret = Redacted.make
export const home = { address: "192.0.2.1" }
export const elsewhere = { address: "198.51.100.7" }
export const HOUR = 3_600_000

/** A case: what happens on a stage of its own. */
export const authCase = (
  name: string,
  run: (stage: Stage) => Effect.Effect<void, unknown, KitServices | Scope.Scope>,
  options: StageOptions & { readonly needs?: ReadonlyArray<AuthTrait> } = {}
): AuthCase => ({
  name,
  ...(options.needs === undefined ? {} : { needs: options.needs }),
  run: (harness) => onStage(harness, options, run)
})

const onStage = Effect.fnUntraced(function* (
  harness: AuthHarness,
  options: StageOptions,
  run: (stage: Stage) => Effect.Effect<void, unknown, KitServices | Scope.Scope>
) {
  const stores = yield* harness.make
  const turn = yield* ManualTurn.make
  const real = yield* Clock.Clock
  // the first of January 2030
  let now = 1_893_456_000_000
  const events: Array<AuthEvents.AuthEvent> = []
  let hashes = 0
  const references = Context.empty().pipe(
    Context.add(Turn, turn),
    Context.add(AuthEvents.AuthEvents, {
      listeners: new Set([(event: AuthEvents.AuthEvent) => void events.push(event)])
    }),
    Context.add(SessionPolicy, { ...defaultPolicy, ...options.policy }),
    Context.add(Clock.Clock, {
      currentTimeMillisUnsafe: () => now,
      currentTimeMillis: Effect.sync(() => now),
      currentTimeNanosUnsafe: () => BigInt(now) * 1_000_000n,
      currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
      monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe(),
      monotonicTimeNanos: real.monotonicTimeNanos,
      sleep: (duration) => real.sleep(duration)
    })
  )
  const services = yield* Effect.provideContext(
    Layer.build(Layer.merge(Lockout.layer(options.lockout), NodePassword.layer(cheap))),
    references
  )
  const password = Context.get(services, Password)
  const counted = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      hashes++
      return effect
    })
  const context = Context.mergeAll(
    references,
    services,
    stores.context,
    Context.make(Password, {
      hash: (text) => counted(password.hash(text)),
      verify: (text, hash) => counted(password.verify(text, hash)),
      needsRehash: password.needsRehash
    })
  )
  const stage: Stage = {
    stores,
    clock: { now: () => now, shift: (millis) => void (now += millis) },
    turn,
    events,
    hashes: () => hashes,
    over: (other, effect) => Effect.provideContext(effect, other) as never
  }
  yield* Effect.provideContext(run(stage), context)
})
